import { GraftError } from '@graft/domain/error';
import type { KeptNumbers } from '../feature-cache/index.js';
import { type ExampleBatch, type ExampleSource, sizeOf } from './example-source.js';

/** Batches that are read from disk beside training, within the bytes that `batchesAhead` allows. */
const AHEAD = 4;

/**
 * Activations that stay on disk: only what is asked for comes into memory.
 * @throws GraftError UNAVAILABLE from `read`, where the disk gives nothing more.
 */
export function keptSource(
	{ count, shape, labels }: Omit<ExampleBatch, 'values'>,
	{ read }: Pick<KeptNumbers, 'read'>,
): ExampleSource {
	const size = sizeOf(shape);
	return {
		count,
		shape,
		labels,
		ahead: AHEAD,
		read: async (positions) => {
			const values = new Float32Array(positions.length * size);
			const reads = runsOf(positions).map(([to, end]) =>
				read(values.subarray(to * size, end * size), (positions[to] ?? 0) * size),
			);
			await Promise.all(reads).catch((error: Error) => {
				throw new GraftError(
					'UNAVAILABLE',
					`The feature cache is not readable: ${error.message}.`,
					{},
					{ cause: error },
				);
			});
			return values;
		},
	};
}

/** Stretches, from and to, in which each position follows the one before it: so that each is one read. */
export function runsOf(positions: readonly number[]): [number, number][] {
	const runs: [number, number][] = [];
	positions.forEach((position, at) => {
		const last = runs.at(-1);
		if (last !== undefined && position === (positions[at - 1] ?? 0) + 1) last[1] = at + 1;
		else runs.push([at, at + 1]);
	});
	return runs;
}
