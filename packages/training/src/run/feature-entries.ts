import { type FeatureSource, featureKey } from '../feature-cache/feature-key.js';
import type { FeatureCache, KeptNumbers } from '../feature-cache/index.js';
import { infer, inferParts } from './evaluate.js';
import { type ExampleSource, memorySource, sizeOf } from './example-source.js';
import { keptSource } from './kept-source.js';

/** Where activations are while a phase reads them: in main memory, or in the cache's file. */
export type Place = 'memory' | 'disk';

/** Activations of examples. */
export interface Kept {
	readonly source: ExampleSource;
	/** Lets go of the file. */
	readonly close: () => Promise<void>;
}

/** What examples go through. */
export type Through = Parameters<typeof inferParts>;

type Inputs = Pick<ExampleSource, 'count' | 'labels'>;

interface FeatureEntries {
	/** What the cache has; null: nothing, or nothing whole, which is logged. */
	readonly find: (what: FeatureSource, inputs: Inputs, place: Place) => Promise<Kept | null>;
	/** Computes them, and leaves them in the cache where it takes them. Null: it does not, and they were to be on disk. */
	readonly make: (what: FeatureSource, inputs: Inputs, place: Place, work: Through) => Promise<Kept | null>;
}

/** Matrices of activations of this shape in the cache, one row an example. */
export function featureEntries(
	cache: FeatureCache,
	shape: readonly number[],
	log: (line: string) => void,
): FeatureEntries {
	const size = sizeOf(shape);
	const onDisk = ({ count, labels }: Inputs, numbers: KeptNumbers): Kept => ({
		source: keptSource({ count, shape, labels }, numbers),
		close: numbers.close,
	});
	return {
		find: async (what, inputs, place) => {
			const key = featureKey(what);
			const found = place === 'memory' ? await cache.read(key) : await cache.open(key);
			if (found.kind === 'miss') return null;
			let why = found.kind === 'damaged' ? found.why : '';
			if (found.kind === 'hit') {
				const { length } = 'values' in found ? found.values : found.numbers;
				if (length === inputs.count * size) {
					return 'values' in found ? inMemory(inputs, shape, found.values) : onDisk(inputs, found.numbers);
				}
				if ('numbers' in found) await found.numbers.close();
				why = `it holds ${length} numbers`;
			}
			log(`An entry of the feature cache is damaged (${why}): it is computed anew and replaced.`);
			return null;
		},
		make: async (what, inputs, place, work) => {
			const key = featureKey(what);
			if (place === 'disk') {
				const written = await cache.stream(key, inputs.count * size, inferParts(...work));
				if (written.kind === 'stored') return onDisk(inputs, written.numbers);
				log(`The feature cache took nothing: ${written.why}.`);
				return null;
			}
			const values = await infer(...work);
			const written = await cache.write(key, values);
			if (written.kind === 'refused') log(`The feature cache took nothing: ${written.why}.`);
			return inMemory(inputs, shape, values);
		},
	};
}

export const inMemory = ({ count, labels }: Inputs, shape: readonly number[], values: Float32Array): Kept => ({
	source: memorySource({ count, shape, labels, values }),
	close: async () => undefined,
});
