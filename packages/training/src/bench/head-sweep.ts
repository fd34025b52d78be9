import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { RunSpec } from '@graft/domain/run';
import { type BackendPreference, releaseBackend, selectBackend } from '../backend/index.js';
import { type LoadedDataset, loadDataset, type SplitName } from '../dataset/index.js';
import { openFeatureCache } from '../feature-cache/index.js';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { infer } from '../run/evaluate.js';
import { type ExampleSource, memorySource, sourceOf } from '../run/example-source.js';
import { splitNetwork } from '../run/phase-network.js';
import { createState, disposeState } from '../run/training-state.js';
import { collect } from '../testing/collect.js';
import { fitHead } from './fit-head.js';
import { imageSweep, type Sweep } from './image-sweep.js';
import { trainTail } from './train-tail.js';

/** Where nothing is kept from run to run, one run of each head is enough to know what all cost. */
const ONE_OF = 5;

/** Seconds of the same sweep, done in several ways. */
export interface SweepSeconds {
	readonly backend: string;
	readonly sweep: { readonly side: number; readonly splits: readonly number[]; readonly heads: readonly number[][] } & {
		readonly epochs: number;
		readonly runs: number;
	};
	readonly trunkPassSeconds: number;
	readonly tailsSeconds: number;
	readonly cachedSeconds: number;
	/** With no room in main memory for activations. */
	readonly fromDiskSeconds: number;
	readonly uncachedSeconds: number;
	/** By `model.fit` of another library, which computes the trunk in each step. */
	readonly fitSeconds: number | null;
}

type Features = Readonly<Record<SplitName, ExampleSource>>;
const none = async () => undefined;

/** Prints the seconds of a sweep of heads on a back end; with `fit` those of TensorFlow.js' own `model.fit`, too. */
const [dataDir = '.graft', preference = 'wasm', fit] = process.argv.slice(2);
const { name: backend, reason } = await selectBackend(preference as BackendPreference, dataDir);
console.error(reason);
const sweep = await imageSweep();
const folder = mkdtempSync(path.join(tmpdir(), 'graft-bench-features-'));
try {
	console.log(JSON.stringify({ backend, ...(await measure(sweep)) }));
} finally {
	sweep.remove();
	rmSync(folder, { recursive: true });
	releaseBackend();
}

/** Seconds of the same sweep: what cannot be saved, with the cache, the same without main memory, without the cache. */
async function measure({ runs, weights }: Sweep): Promise<Omit<SweepSeconds, 'backend'>> {
	const [first] = runs;
	if (first === undefined) throw new Error('the sweep has no run');
	const dataset = await loadDataset(first.dataset);
	// The faster of two: the first calls of a back end make it ready, and nothing here is to be excused by a slow pass.
	const once = await timed(() => passThrough(first, weights, dataset));
	const pass = await timed(() => passThrough(first, weights, dataset));
	const tails = await timed(async () => {
		for (const run of runs) await trainTail(run, weights, pass.result);
	});
	const some = runs.filter((_, index) => index % ONE_OF === 0);
	const all = async (chosen: readonly RunSpec[], one: (run: RunSpec) => Promise<unknown>) => {
		const { seconds } = await timed(async () => {
			for (const run of chosen) await one(run);
		});
		return (seconds / chosen.length) * runs.length;
	};
	const cached = (name: string, trunkBytes?: number) =>
		all(runs, (run) => {
			const featureCache = openFeatureCache({ folder: path.join(folder, name), maxBytes: 1024 ** 3, backend });
			return collect(run, weights, { featureCache, trunkBytes });
		});
	const { splits } = dataset;
	return {
		sweep: {
			side: dataset.inputShape[0] ?? 0,
			splits: [splits.train, splits.validation, splits.test].map(({ count }) => count),
			heads: some.map(({ head }) => head.hidden.map(Number)),
			epochs: first.epochs,
			runs: runs.length,
		},
		trunkPassSeconds: Math.min(once.seconds, pass.seconds),
		tailsSeconds: tails.seconds,
		cachedSeconds: await cached('memory'),
		fromDiskSeconds: await cached('disk', 0),
		uncachedSeconds: await all(some, (run) => collect(run, weights)),
		fitSeconds: fit === undefined ? null : await all(some, (run) => fitHead(run, dataset)),
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
