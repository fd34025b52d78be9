import type { Backbone } from '@graft/domain/backbone';
import type { Dataset } from '@graft/domain/dataset';
import type { Experiment } from '@graft/domain/experiment';
import type { Lease, LeaseLost } from '@graft/domain/lease';
import type { Run } from '@graft/domain/run';
import type { LaunchComparisonInput, RegisterDatasetInput, RegisterWorkerInput } from '../contract/inputs.js';
import { commitFile, ok, type TestEngine } from './create-test-engine.js';

export const digits: RegisterDatasetInput = {
	name: 'digits',
	version: 'a'.repeat(64),
	modality: 'IMAGE',
	task: 'CLASSIFICATION',
	classes: ['6', '7', '8'],
	splits: [
		{ name: 'train', examples: 300, classCounts: [100, 90, 110] },
		{ name: 'test', examples: 30, classCounts: [10, 10, 10] },
	],
	inputShape: [8, 8, 1],
	uri: 'builtin:optdigits',
	format: 'csv-image',
	options: { classes: ['6', '7', '8'] },
	attribution: null,
};

export const trainer: RegisterWorkerInput = {
	name: 'trainer',
	backend: 'wasm',
	backendReason: null,
	device: null,
	memoryBytes: 2 ** 33,
	labels: {},
	slots: 1,
};

/** A backbone with weights, a dataset that fits it, and an experiment without runs. */
export interface Scene {
	readonly random: Backbone;
	readonly backbone: Backbone;
	readonly dataset: Dataset;
	readonly experiment: Experiment;
	/** A comparison that may be launched: from scratch and feature extraction, seeds 0 and 1. */
	readonly launch: LaunchComparisonInput;
}

/** Goes the whole way to a backbone: a random one is trained by a run whose checkpoint becomes the weights. */
export async function createScene(test: TestEngine): Promise<Scene> {
	const { engine } = test;
	const named = { inputShape: [8, 8, 1], source: null, licence: null, weightsDigest: null };
	const random = ok(
		await engine.registerBackbone({ ...named, name: 'random', architecture: 'small-cnn', fromRunId: null }),
	);
	const dataset = ok(await engine.registerDataset(digits));
	const question = { description: null, metric: 'test_accuracy', direction: 'MAXIMIZE' as const };
	const pretraining = ok(await engine.createExperiment({ ...question, name: 'pretraining' }));
	const launch: LaunchComparisonInput = {
		experimentId: pretraining.id,
		backboneIds: [random.id],
		datasetIds: [dataset.id],
		strategies: [{ kind: 'FROM_SCRATCH' }],
		seeds: [0],
		head: null,
		epochs: 2,
		batchSize: 32,
		optimizer: null,
		trainExamplesPerClass: null,
		priority: 0,
		tags: [],
	};
	ok(await engine.launchComparison(launch));
	const { lease } = await leaseNext(test);
	await commitFile(test, lease, { text: 'weights' });
	ok(await finish(test, lease));
	const backbone = ok(
		await engine.registerBackbone({ ...named, name: 'pretrained', architecture: 'small-cnn', fromRunId: lease.runId }),
	);
	const experiment = ok(await engine.createExperiment({ ...question, name: 'digits 6 to 8' }));
	return {
		...{ random, backbone, dataset, experiment },
		launch: {
			...launch,
			experimentId: experiment.id,
			backboneIds: [backbone.id],
			strategies: [{ kind: 'FROM_SCRATCH' }, { kind: 'FEATURE_EXTRACTION' }],
			seeds: [0, 1],
		},
	};
}

/** A worker of its own leases the next run. */
export async function leaseNext({ engine }: TestEngine): Promise<{ lease: Lease; run: Run; workerId: string }> {
	const { worker } = ok(await engine.registerWorker(trainer));
	const leased = ok(await engine.leaseRun(worker.id));
	if (leased.kind === 'NothingToDo') throw new Error('the queue is empty');
	return { lease: leased.lease, run: leased.run, workerId: worker.id };
}

/** The holder finishes its run. */
export async function finish(
	{ engine }: TestEngine,
	lease: Lease,
	outcome: 'SUCCEEDED' | 'FAILED' | 'CANCELLED' = 'SUCCEEDED',
): Promise<Run | LeaseLost> {
	const finished = await engine.finishRun({ ...FINISHED, lease, outcome });
	return finished.kind === 'LeaseLost' ? finished : finished.run;
}

/** A success of which nothing is told. */
export const FINISHED = {
	outcome: 'SUCCEEDED',
	failure: null,
	verification: null,
	summary: null,
	progress: null,
	next: null,
} as const;

/** One batch of one series: `values[i]` at step `first + i`. */
export const batchOf = (sequence: number, key: string, first: number, values: readonly number[]) => ({
	sequence,
	series: [
		{
			key,
			steps: Float64Array.from(values, (_, index) => first + index),
			values: Float64Array.from(values),
			times: Float64Array.from(values, (_, index) => 1_800_000_000_000 + index),
		},
	],
});
