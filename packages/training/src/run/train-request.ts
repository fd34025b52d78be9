import type { Json } from '@graft/domain/json';
import type { FreezeVerification, Progress, RunSpec } from '@graft/domain/run';
import type { DatasetAccess, LoadedDataset } from '../dataset/index.js';
import type { FeatureCache } from '../feature-cache/index.js';
import type { ScoreSummary } from './score.js';

/** One point of one series; `time` is milliseconds since the epoch. */
export interface MetricPoint {
	readonly key: string;
	readonly step: number;
	readonly value: number;
	readonly time: number;
}

export interface TrainingEvent {
	/** RUN_STARTED, RUN_RESUMED, TRUNK_CACHED, PHASE_STARTED, PHASE_FINISHED, PLAN_VERIFIED, DIVERGED. */
	readonly kind: string;
	readonly step: number | null;
	readonly message: string;
	readonly data: Json;
}

/** Called between steps, in order; they must return quickly, for training waits for them. */
export interface TrainingHooks {
	readonly onMetrics: (points: readonly MetricPoint[]) => void;
	readonly onProgress: (progress: Progress) => void;
	readonly onEvent: (event: TrainingEvent) => void;
	readonly onLog: (line: string) => void;
}

/** Checkpoints to resume from, taken between steps. */
export interface CheckpointRequest {
	/** A checkpoint is due whenever the run has made so many steps, and at the end of each phase. */
	readonly everySteps: number;
	/** Asked when one is due; false leaves it out, as where the last one was taken only just before. */
	readonly isWanted?: (at: { readonly step: number; readonly isPhaseEnd: boolean }) => boolean;
	/** The file and its step. Training waits for the call, but for nothing that the call begins. */
	readonly onCheckpoint: (file: Uint8Array, step: number) => void;
}

export interface TrainRequest {
	readonly spec: RunSpec;
	/** Data in memory; without it they are read from where the spec says. */
	readonly dataset?: LoadedDataset;
	/** What reading the data may use of this machine; without it one thread, and nothing is kept. */
	readonly access?: Partial<Pick<DatasetAccess, 'cacheDir' | 'cacheBytes' | 'threads' | 'remote'>>;
	/** The backbone's safetensors file; null where the backbone has no weights or the plan does not start from them. */
	readonly weights: Uint8Array | null;
	/** The backbone's `tokenizer.json`, for texts that are read from where the spec says. */
	readonly tokenizer?: Uint8Array | null;
	/** Stops within a step. A GraftError as the reason is thrown as it is, anything else as CANCELLED. */
	readonly signal: AbortSignal;
	readonly hooks: TrainingHooks;
	/** A checkpoint of this run to go on from; null or absent: from the start. */
	readonly resume?: Uint8Array | null;
	/** When the signal's reason is SHUTDOWN, a last one is taken before the run is left. */
	readonly checkpoints?: CheckpointRequest;
	/** Milliseconds since the epoch; the time stamps of metrics and the estimate of what is left. */
	readonly now?: () => number;
	/** Bytes that the activations of a frozen trunk may take in main memory. Larger ones are read from the feature cache. */
	readonly trunkBytes?: number;
	/** Keeps activations for other runs; without it they live as long as the phase. */
	readonly featureCache?: FeatureCache | null;
}

export interface TrainSummary extends ScoreSummary<'train'>, ScoreSummary<'val'>, ScoreSummary<'test'> {
	readonly trainExamples: number;
	readonly trainableParameters: number;
	readonly seconds: number;
}

/** Weights that a run leaves behind, and the step that they are of. */
export interface StepWeights {
	readonly checkpoint: Uint8Array;
	readonly step: number;
}

export interface TrainResult {
	/** Every tensor of backbone and head as safetensors. */
	readonly checkpoint: Uint8Array;
	/** The same of the epoch that validation judged best; null where none was judged or kept. */
	readonly best: StepWeights | null;
	readonly verification: FreezeVerification;
	readonly summary: TrainSummary;
	readonly steps: number;
}
