import type { DatasetStatistics } from '@graft/domain/dataset';
import type { DatasetProgress } from '../dataset-format.js';
import { SPLIT_NAMES, type SplitName } from '../dataset-spec.js';
import { distributionOf } from '../distribution.js';
import { duplicateFinder } from '../find-duplicates.js';
import type { ArrayRows } from './array-content.js';

/** Rows that are read at once: few enough that large images take little memory. */
const AT_ONCE = 64;

/** Sizes of arrays of images, and which rows hold the same numbers. */
export async function arrayStatistics(
	parts: Readonly<Record<SplitName, ArrayRows>>,
	onProgress: (progress: DatasetProgress) => void,
): Promise<DatasetStatistics> {
	const duplicates = duplicateFinder();
	const total = SPLIT_NAMES.reduce((sum, name) => sum + parts[name].rows.length, 0);
	const positions: Record<SplitName, number[]> = { train: [], validation: [], test: [] };
	let [done, bytes] = [0, 0];
	for (const name of SPLIT_NAMES) {
		const { inputs, rows } = parts[name];
		const size = inputs.shape.slice(1).reduce((product, one) => product * one, 1);
		// The kind ends in the bytes of a number: u1, f8.
		bytes += rows.length * size * Number(inputs.type.slice(1));
		for (let begin = 0; begin < rows.length; begin += AT_ONCE) {
			const some = rows.slice(begin, begin + AT_ONCE);
			const numbers = await inputs.read(some);
			some.forEach((row, index) => {
				const values = numbers.subarray(index * size, (index + 1) * size);
				duplicates.add(
					new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
					`${inputs.name} row ${row}`,
				);
				positions[name].push(done + index);
			});
			done += some.length;
			onProgress({ stage: 'read', done, total });
		}
	}
	const [, height = 0, width = 0] = parts.train.inputs.shape;
	return {
		bytes,
		distributions: [distributionOf('width', 'px', [width]), distributionOf('height', 'px', [height])],
		duplicates: duplicates.find(positions),
		broken: { count: 0, named: [] },
	};
}
