import type { SplitName } from '../dataset/index.js';
import { digestWeights, type FeatureSource, featureKey } from '../feature-cache/feature-key.js';
import { toHost } from '../network/device-weights.js';
import type { NetworkLayer } from '../network/network.js';
import { epochOfCopy } from './augmented-source.js';
import { infer } from './evaluate.js';
import { type ExampleSource, memorySource, sizeOf, subset } from './example-source.js';
import type { RunContext } from './run-context.js';

/** A split, and which of its examples the run looks at. */
export interface RunSplit {
	readonly name: SplitName;
	readonly all: ExampleSource;
	/** Positions in `all`; null: every example in its order. */
	readonly rows: readonly number[] | null;
}

export interface Features {
	readonly source: ExampleSource;
	/** Where they came from: the cache, or the trunk. */
	readonly isHit: boolean;
}

/** Computes what a trunk makes of examples, or finds it in the cache. */
export interface TrunkFeatures {
	readonly shape: readonly number[];
	/** Bytes of the activations of so many examples. */
	readonly bytes: (examples: number) => number;
	/**
	 * `uses` is how often each example would go through the trunk if nothing were kept; `copy` which of the fixed augmented
	 * copies it is, null: the examples as they are.
	 */
	readonly of: (split: RunSplit, uses: number, copy?: number | null) => Promise<Features>;
}

/** Null where there is no trunk. The weights are those of now: ask while they cannot change. */
export async function openTrunk(context: RunContext, trunk: readonly NetworkLayer[]): Promise<TrunkFeatures | null> {
	const { state, spec, cache, trunkBytes, report } = context;
	const shape = trunk.at(-1)?.outputShape;
	if (shape === undefined) return null;
	const size = sizeOf(shape);
	const bytes = (examples: number) => examples * size * 4;
	const compute = (inputs: ExampleSource, copy: number | null) =>
		infer(trunk, state.weights, inputs, context.pause, copy === null ? null : epochOfCopy(copy));
	const features = ({ count, labels }: ExampleSource, values: Float32Array) =>
		memorySource({ count, shape, labels, values });
	if (cache === null) {
		const of = async (split: RunSplit, _: number, copy: number | null = null) => {
			const chosen = chosenOf(split);
			return { source: features(chosen, await compute(chosen, copy)), isHit: false };
		};
		return { shape, bytes, of };
	}
	const own = trunk.flatMap(({ weights }) => weights.map(({ name }) => name));
	const weightsDigest = digestWeights(await toHost(new Map([...state.weights].filter(([name]) => own.includes(name)))));
	const { preprocessing } = context;
	const base = { backend: cache.backend, trunk, weightsDigest, dataset: spec.dataset, preprocessing };
	const augmentation = spec.training?.augmentation ?? null;

	const find = async (source: FeatureSource, count: number): Promise<Float32Array | null> => {
		const found = await cache.read(featureKey(source));
		if (found.kind === 'hit' && found.values.length === count * size) return found.values;
		if (found.kind === 'miss') return null;
		const why = found.kind === 'damaged' ? found.why : `it holds ${found.values.length} numbers`;
		report.log(`An entry of the feature cache is damaged (${why}): it is computed anew and replaced.`);
		return null;
	};
	const make = async (source: FeatureSource, inputs: ExampleSource): Promise<Float32Array> => {
		const values = await compute(inputs, source.copy?.number ?? null);
		const written = await cache.write(featureKey(source), values);
		if (written.kind === 'refused') report.log(`The feature cache took nothing: ${written.why}.`);
		return values;
	};
	return {
		shape,
		bytes,
		of: async ({ name, all, rows }, uses, copy = null) => {
			const version = copy === null || augmentation === null ? {} : { copy: { augmentation, number: copy } };
			const whole: FeatureSource = { ...base, ...version, split: name, rows: null };
			const found = await find(whole, all.count);
			if (found !== null) return { source: choose(features(all, found), rows), isHit: true };
			if (rows === null || isWholeWorthIt(rows.length, all.count, uses, bytes(all.count) <= trunkBytes)) {
				return { source: choose(features(all, await make(whole, all)), rows), isHit: false };
			}
			// In the split's order, so that the same examples are the same entry however they were drawn.
			const ids = [...rows].sort((a, b) => a - b);
			const order = rows.map((row) => ids.indexOf(row));
			const few: FeatureSource = { ...whole, rows: ids };
			const kept = await find(few, ids.length);
			const inputs = subset(all, ids);
			const values = kept ?? (await make(few, inputs));
			return { source: subset(features(inputs, values), order), isHit: kept !== null };
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
