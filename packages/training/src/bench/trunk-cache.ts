import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { RunSpec } from '@graft/domain/run';
import { type BackendPreference, selectBackend } from '../backend/index.js';
import { type LoadedDataset, loadDataset, type SplitName } from '../dataset/index.js';
import { openFeatureCache } from '../feature-cache/index.js';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { infer } from '../run/evaluate.js';
import { type ExampleSource, memorySource, sourceOf } from '../run/example-source.js';
import { splitNetwork } from '../run/phase-network.js';
import { createState, disposeState } from '../run/training-state.js';
import { collect } from '../testing/collect.js';
import { imageSweep, type Sweep } from './image-sweep.js';
import { trainTail } from './train-tail.js';

/** Where nothing is kept from run to run, each costs the same: so many are enough to know what all cost. */
const UNCACHED_RUNS = 4;
const RECOMPUTED_RUNS = 2;

type Features = Readonly<Record<SplitName, ExampleSource>>;
const none = async () => undefined;

const [preference = 'auto'] = process.argv.slice(2);
const { name: backend, reason } = await selectBackend(preference as BackendPreference);
console.error(reason);
const sweep = await imageSweep();
const folder = mkdtempSync(path.join(tmpdir(), 'graft-bench-features-'));
try {
	console.log(JSON.stringify({ backend, runs: sweep.runs.length, ...(await measure(sweep)) }));
} finally {
	sweep.remove();
	rmSync(folder, { recursive: true });
}

/** Seconds of the same sweep: what cannot be saved, with the cache, without it, and recomputing the trunk each step. */
async function measure({ runs, weights }: Sweep) {
	const [first] = runs;
	if (first === undefined) throw new Error('the sweep has no run');
	const dataset = await loadDataset(first.dataset);
	// The faster of two: the first calls of a back end make it ready, and nothing here is to be excused by a slow pass.
	const once = await timed(() => passThrough(first, weights, dataset));
	const pass = await timed(() => passThrough(first, weights, dataset));
	const tails = await timed(async () => {
		for (const run of runs) await trainTail(run, weights, pass.result);
	});
	const all = async (some: readonly RunSpec[], extra: () => Parameters<typeof collect>[2]) => {
		const { seconds } = await timed(async () => {
			for (const run of some) await collect(run, weights, extra());
		});
		return (seconds / some.length) * runs.length;
	};
	return {
		trunkPassSeconds: Math.min(once.seconds, pass.seconds),
		tailsSeconds: tails.seconds,
		cachedSeconds: await all(runs, () => ({
			featureCache: openFeatureCache({ folder, maxBytes: 1024 ** 3, backend }),
		})),
		uncachedSeconds: await all(runs.slice(0, UNCACHED_RUNS), () => ({})),
		recomputedSeconds: await all(runs.slice(0, RECOMPUTED_RUNS), () => ({ trunkBytes: 0 })),
	};
}

/** The trunk's activations of every example, and nothing else. */
async function passThrough(run: RunSpec, weights: Uint8Array, { splits }: LoadedDataset): Promise<Features> {
	const network = buildNetwork(run);
	const phase = run.plan.phases[0];
	if (phase === undefined) throw new Error('the run has no phase');
	const { trunk } = splitNetwork(network, phase);
	const shape = trunk.at(-1)?.outputShape ?? network.inputShape;
	const state = createState(initialWeights(network, run.seed, weights));
	const through = async (split: SplitName): Promise<ExampleSource> => {
		const source = sourceOf(splits[split], network.inputShape);
		const values = await infer(trunk, state.weights, source, none);
		return memorySource({ count: source.count, shape, labels: source.labels, values });
	};
	const features = {
		train: await through('train'),
		validation: await through('validation'),
		test: await through('test'),
	};
	disposeState(state);
	return features;
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
	const began = performance.now();
	const result = await work();
	return { result, seconds: (performance.now() - began) / 1000 };
}
