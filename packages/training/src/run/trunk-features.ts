import type { SplitName } from '../dataset/index.js';
import { digestWeights, type FeatureSource } from '../feature-cache/feature-key.js';
import { toHost } from '../network/device-weights.js';
import type { NetworkLayer } from '../network/network.js';
import { epochOfCopy } from './augmented-source.js';
import { infer } from './evaluate.js';
import { type ExampleSource, sizeOf, subset } from './example-source.js';
import { featureEntries, inMemory, type Kept, type Place, type Through } from './feature-entries.js';
import type { RunContext } from './run-context.js';

/** A split, and which of its examples the run looks at. */
export interface RunSplit {
	readonly name: SplitName;
	readonly all: ExampleSource;
	/** Positions in `all`; null: every example in its order. */
	readonly rows: readonly number[] | null;
}

export interface Features extends Kept {
	/** Where they came from: the cache, or the trunk. */
	readonly isHit: boolean;
}

/** Computes what a trunk makes of examples, or finds it in the cache. */
export interface TrunkFeatures {
	/** Bytes of the activations of so many examples. */
	readonly bytes: (examples: number) => number;
	/** Where so many bytes of them can be at once; null: nowhere, and the trunk is computed in each step. */
	readonly placeOf: (bytes: number) => Place | null;
	/**
	 * `uses` is how often each example would go through the trunk if nothing were kept; `copy` which of the fixed augmented
	 * copies it is, null: the examples as they are. Null where they were to be on disk, and the disk does not take them.
	 */
	readonly of: (split: RunSplit, place: Place, uses: number, copy?: number | null) => Promise<Features | null>;
}

/** Null where there is no trunk. The weights are those of now: ask while they cannot change. */
export async function openTrunk(context: RunContext, trunk: readonly NetworkLayer[]): Promise<TrunkFeatures | null> {
	const { state, spec, cache, trunkBytes, preprocessing } = context;
	const shape = trunk.at(-1)?.outputShape;
	if (shape === undefined) return null;
	const bytes = (examples: number) => examples * sizeOf(shape) * 4;
	const placeOf = (all: number): Place | null => {
		if (all <= trunkBytes) return 'memory';
		return cache !== null && all <= cache.maxBytes ? 'disk' : null;
	};
	const through = (inputs: ExampleSource, copy: number | null): Through => {
		const epoch = copy === null ? null : epochOfCopy(copy);
		return [trunk, state.weights, inputs, context.pause, epoch];
	};
	if (cache === null) {
		const of = async (split: RunSplit, _place: Place, _uses: number, copy: number | null = null) => {
			const chosen = chosenOf(split);
			return { ...inMemory(chosen, shape, await infer(...through(chosen, copy))), isHit: false };
		};
		return { bytes, placeOf, of };
	}
	const own = trunk.flatMap(({ weights }) => weights.map(({ name }) => name));
	const weightsDigest = digestWeights(await toHost(new Map([...state.weights].filter(([name]) => own.includes(name)))));
	const base = { backend: cache.backend, trunk, weightsDigest, dataset: spec.dataset, preprocessing };
	const augmentation = spec.training?.augmentation ?? null;
	const { find, make } = featureEntries(cache, shape, context.report.log);
	return {
		bytes,
		placeOf,
		of: async ({ name, all, rows }, place, uses, copy = null) => {
			const version = copy === null || augmentation === null ? {} : { copy: { augmentation, number: copy } };
			const whole: FeatureSource = { ...base, ...version, split: name, rows: null };
			// Few rows may be in memory, and the matrix that they are of not.
			const wholePlace = placeOf(bytes(all.count)) === 'memory' ? place : 'disk';
			const found = await find(whole, all, wholePlace);
			if (found !== null) return { ...found, source: choose(found.source, rows), isHit: true };
			const fits = wholePlace === place && bytes(all.count) <= Math.max(trunkBytes, cache.maxBytes);
			if (rows === null || isWholeWorthIt(rows.length, all.count, uses, fits)) {
				const made = await make(whole, all, place, through(all, copy));
				return made && { ...made, source: choose(made.source, rows), isHit: false };
			}
			// In the split's order, so that the same examples are the same entry however they were drawn.
			const ids = [...rows].sort((a, b) => a - b);
			const places = new Map(ids.map((id, at) => [id, at]));
			const order = rows.map((row) => places.get(row) ?? 0);
			const few: FeatureSource = { ...whole, rows: ids };
			const inputs = subset(all, ids);
			const kept = await find(few, inputs, place);
			const made = kept ?? (await make(few, inputs, place, through(inputs, copy)));
			return made && { ...made, source: subset(made.source, order), isHit: kept !== null };
		},
	};
}

/**
 * Runs with other seeds and label budgets choose other rows of the same split: its whole matrix serves them all. A run
 * pays for it unless computing its own few rows in each epoch would have cost less than the whole split once.
 */
export const isWholeWorthIt = (rows: number, all: number, uses: number, fits: boolean): boolean =>
	fits && rows * uses >= all;

export const chosenOf = ({ all, rows }: RunSplit): ExampleSource => choose(all, rows);
const choose = (source: ExampleSource, rows: readonly number[] | null) =>
	rows === null ? source : subset(source, rows);
