import { setImmediate } from 'node:timers/promises';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import type { SplitName } from '../dataset/index.js';
import type { FeatureCache } from '../feature-cache/index.js';
import type { HostWeights } from '../network/initial-weights.js';
import type { Network } from '../network/network.js';
import type { BestOfRun } from './best-of-run.js';
import type { Checkpointing } from './checkpointing.js';
import type { Adaptation } from './domain-adaptation.js';
import type { ExampleSource } from './example-source.js';
import type { Objective } from './objective.js';
import type { Recipe } from './recipe.js';
import type { RunReport } from './run-report.js';
import type { Penalty } from './start-penalty.js';
import type { TrainingState } from './training-state.js';
import type { RunSplit } from './trunk-features.js';

/** The second data set of a run, whose labels nobody sees while it trains. */
export interface RunTarget {
	readonly train: ExampleSource;
	/** Null where its classes are not those of the labelled data: then there is nothing to judge. */
	readonly test: ExampleSource | null;
}

/** What the parts of one run share. */
export interface RunContext {
	readonly spec: RunSpec;
	readonly network: Network;
	readonly state: TrainingState;
	readonly objective: Objective;
	readonly recipe: Recipe;
	/** How the best epoch is known; null: the run keeps only its last weights. */
	readonly best: BestOfRun | null;
	/** How the data set's pixels were made ready, where the backbone chose it. */
	readonly preprocessing: string | undefined;
	/** The data set's splits as a whole, and which of their examples count here. */
	readonly splits: Readonly<Record<SplitName, RunSplit>>;
	readonly train: ExampleSource;
	readonly validation: ExampleSource;
	readonly target: RunTarget | null;
	/** What the strategy adds to each step's loss, beside the plan; null: nothing. */
	readonly penalty: Penalty | null;
	readonly adaptation: Adaptation | null;
	/** Steps of the whole run. */
	readonly totalSteps: number;
	/** The weights that the run began with. */
	readonly start: HostWeights;
	readonly report: RunReport;
	readonly checkpoints: Checkpointing;
	/** Bytes of main memory that a phase may spend on the trunk's activations; beyond that they stay in the cache's files. */
	readonly trunkBytes: number;
	/** Where activations outlive the run; null: nowhere. */
	readonly cache: FeatureCache | null;
	readonly pause: () => Promise<void>;
}

/**
 * Lets the process do its other work (heartbeats, metrics on their way, a cancel that came in), and stops here when it
 * was asked to.
 */
export function pauseFor(signal: AbortSignal): () => Promise<void> {
	return async () => {
		await setImmediate();
		if (!signal.aborted) return;
		if (signal.reason instanceof GraftError) throw signal.reason;
		throw new GraftError('CANCELLED', 'Training was cancelled.', {}, { cause: signal.reason });
	};
}
