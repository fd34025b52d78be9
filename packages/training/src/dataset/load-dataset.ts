import { createHash } from 'node:crypto';
import { GraftError } from '@graft/domain/error';
import { canonicalJson } from '@graft/domain/json';
import { type CsvImageOptions, parseCsvImageOptions } from './csv-image-options.js';
import {
	type DatasetInspection,
	type DatasetSource,
	type Examples,
	type LoadedDataset,
	SPLIT_NAMES,
	type VersionedSource,
} from './dataset-spec.js';
import { parseCsvImage } from './parse-csv-image.js';
import { readSource, type SourceBytes } from './source-bytes.js';
import { splitExamples } from './split-examples.js';

/** Data sets kept parsed: the runs of a comparison come one after the other and share theirs. */
const KEPT = 4;
const kept = new Map<string, LoadedDataset>();

/** Reads the data and says what is to be registered about them. @throws GraftError DATA where they cannot be used. */
export async function inspectDataset(source: DatasetSource): Promise<DatasetInspection> {
	const { options, version, read } = await open(source);
	const { classes, splits, attribution } = load(source.uri, version, options, read);
	return {
		version,
		modality: 'IMAGE',
		task: 'CLASSIFICATION',
		classes,
		splits: SPLIT_NAMES.map((name) => ({
			name,
			examples: splits[name].count,
			classCounts: classes.map((_, index) => splits[name].labels.filter((label) => label === index).length),
		})),
		inputShape: options.shape,
		attribution,
	};
}

/** The data of a registered data set. @throws GraftError DATA where they are not those that were registered. */
export async function loadDataset(source: VersionedSource): Promise<LoadedDataset> {
	const { options, version, read } = await open(source);
	if (version !== source.version) {
		throw new GraftError(
			'DATA',
			`The data at ${source.uri} have changed since they were registered (version ${source.version.slice(0, 12)}, now ${version.slice(0, 12)}): register them again as a new data set.`,
			{ uri: source.uri, registered: source.version, found: version },
		);
	}
	return load(source.uri, version, options, read);
}

async function open({ uri, format, options: given }: DatasetSource) {
	if (format !== 'csv-image') {
		throw new GraftError('DATA', `The format ${format} is unknown; there is csv-image.`, { format });
	}
	const options = parseCsvImageOptions(given);
	const read = await readSource(uri);
	const file = createHash('sha256').update(read.bytes).digest('hex');
	const version = createHash('sha256')
		.update(canonicalJson([file, format, options]))
		.digest('hex');
	return { options, version, read };
}

function load(uri: string, version: string, options: CsvImageOptions, read: SourceBytes): LoadedDataset {
	const key = `${uri} ${version}`;
	const before = kept.get(key);
	if (before !== undefined) return before;
	const parsed = parseCsvImage(read.bytes, options, uri);
	const positions = splitExamples(parsed.classes, parsed.labels, options);
	const size = options.shape.reduce((product, one) => product * one, 1);
	const pick = (chosen: readonly number[]): Examples => ({
		count: chosen.length,
		inputs: Float32Array.from({ length: chosen.length * size }, (_, at) => {
			return parsed.inputs[(chosen[Math.floor(at / size)] ?? 0) * size + (at % size)] ?? 0;
		}),
		labels: Int32Array.from(chosen, (position) => parsed.labels[position] ?? 0),
	});
	const loaded: LoadedDataset = {
		version,
		classes: parsed.classes,
		inputShape: options.shape,
		splits: {
			train: pick(positions.train),
			validation: pick(positions.validation),
			test: pick(positions.test),
		},
		attribution: read.attribution,
	};
	kept.set(key, loaded);
	const oldest = kept.keys().next().value;
	if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
	return loaded;
}
