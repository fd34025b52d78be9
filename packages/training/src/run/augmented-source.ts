import type { AugmentationSpec } from '@graft/domain/recipe';
import type { Examples } from '../dataset/index.js';
import type { ImageShape, View } from '../pipeline/image-jobs.js';
import { imagePool } from '../pipeline/image-pool.js';
import { type ExampleSource, memorySource, sourceOf } from './example-source.js';

export interface Augmenting {
	readonly augmentation: AugmentationSpec | null;
	readonly seed: number;
	/** Threads that do it. */
	readonly threads: number;
}

/**
 * Training examples, another version of each in every epoch. What is drawn depends on seed, epoch and example alone, so that
 * a resumed run sees what it would have seen; fixed copies depend on no seed, and are the same in every run.
 */
export function augmentedSource(
	examples: Examples,
	shape: readonly number[],
	{ augmentation, seed, threads }: Augmenting,
): ExampleSource {
	const plain = sourceOf(examples, shape);
	if (augmentation === null) return plain;
	const { inputs } = examples;
	const viewOf = (positions: readonly number[], epoch: number): View => {
		const copy = copyOf(augmentation, epoch);
		const series = copy === null ? `${seed}/${epoch}` : `copy/${copy}`;
		return { augmentation, keys: positions.map((position) => `${series}/${position}`) };
	};
	if (!(inputs instanceof Float32Array)) {
		const read = (positions: readonly number[], epoch: number | null) =>
			inputs.read(positions, epoch === null ? null : viewOf(positions, epoch));
		return { ...plain, read };
	}
	const pool = imagePool(threads);
	const images = memorySource({ ...examples, shape, values: inputs });
	return {
		...plain,
		ahead: threads + 1,
		read: async (positions, epoch) => {
			const values = await images.read(positions, null);
			if (epoch === null) return values;
			return pool.read({ kind: 'augment', values, shape: shape as ImageShape, view: viewOf(positions, epoch) });
		},
	};
}

/** Which of the fixed copies an epoch of the run sees, from 0; null where each epoch has its own. */
export const copyOf = ({ copies }: AugmentationSpec, epoch: number): number | null =>
	copies === null ? null : (epoch - 1) % copies;

/** The first epoch that sees a copy. */
export const epochOfCopy = (copy: number): number => copy + 1;
