import { setImmediate } from 'node:timers/promises';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import type { SplitName } from '../dataset/index.js';
import type { FeatureCache } from '../feature-cache/index.js';
import type { Network } from '../network/network.js';
import type { Checkpointing } from './checkpointing.js';
import type { ExampleSource } from './example-source.js';
import type { Objective } from './objective.js';
import type { Recipe } from './recipe.js';
import type { RunReport } from './run-report.js';
import type { TrainingState } from './training-state.js';
import type { RunSplit } from './trunk-features.js';

/** What the parts of one run share. */
export interface RunContext {
	readonly spec: RunSpec;
	readonly network: Network;
	readonly state: TrainingState;
	readonly objective: Objective;
	readonly recipe: Recipe;
	/** The data set's splits as a whole, and which of their examples count here. */
	readonly splits: Readonly<Record<SplitName, RunSplit>>;
	readonly train: ExampleSource;
	readonly validation: ExampleSource;
	readonly report: RunReport;
	readonly checkpoints: Checkpointing;
	/** Bytes that a phase may spend on the trunk's activations; it computes them anew in each step beyond that. */
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
