import { createHash } from 'node:crypto';
import { type CsvImageOptions, parseCsvImageOptions } from './csv-image-options.js';
import type { DatasetFormat } from './dataset-format.js';
import type { MemoryExamples } from './dataset-spec.js';
import { parseCsvImage } from './parse-csv-image.js';
import { readSource } from './source-bytes.js';
import { splitExamples } from './split-examples.js';

/** One image a row: pixel columns and a label column. Small data, which are read as a whole. */
export const csvImage: DatasetFormat<CsvImageOptions> = {
	name: 'csv-image',
	modality: 'IMAGE',
	parseOptions: parseCsvImageOptions,
	open: async (place, options) => {
		const { uri } = place;
		const { bytes, attribution } = await readSource(place);
		return {
			digest: createHash('sha256').update(bytes).digest('hex'),
			task: 'CLASSIFICATION',
			load: async () => {
				const { classes, inputs, labels } = parseCsvImage(bytes, options, uri);
				const positions = splitExamples(classes, labels, options);
				const pick = (chosen: readonly number[]) => pickExamples(inputs, labels, options.shape, chosen);
				const { train, validation, test } = positions;
				const splits = { train: pick(train), validation: pick(validation), test: pick(test) };
				return { classes, inputShape: options.shape, splits, attribution };
			},
		};
	},
};

function pickExamples(
	inputs: Float32Array,
	labels: Int32Array,
	shape: readonly number[],
	chosen: readonly number[],
): MemoryExamples {
	const size = shape.reduce((product, one) => product * one, 1);
	return {
		count: chosen.length,
		inputs: Float32Array.from({ length: chosen.length * size }, (_, at) => {
			return inputs[(chosen[Math.floor(at / size)] ?? 0) * size + (at % size)] ?? 0;
		}),
		labels: Int32Array.from(chosen, (position) => labels[position] ?? 0),
	};
}
