import type { Json } from '@graft/domain/json';
import type { FreezeVerification, Progress, RunSpec } from '@graft/domain/run';
import type { FeatureCache } from '../feature-cache/index.js';

/** One point of one series; `time` is milliseconds since the epoch. */
export interface MetricPoint {
	readonly key: string;
	readonly step: number;
	readonly value: number;
	readonly time: number;
}

export interface TrainingEvent {
	/** RUN_STARTED, TRUNK_CACHED, PHASE_STARTED, PHASE_FINISHED, PLAN_VERIFIED, DIVERGED. */
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

export interface TrainRequest {
	readonly spec: RunSpec;
	/** The backbone's safetensors file; null where the backbone has no weights or the plan does not start from them. */
	readonly weights: Uint8Array | null;
	/** Stops within a step. A GraftError as the reason is thrown as it is, anything else as CANCELLED. */
	readonly signal: AbortSignal;
	readonly hooks: TrainingHooks;
	/** Milliseconds since the epoch; the time stamps of metrics and the estimate of what is left. */
	readonly now?: () => number;
	/** Bytes that the activations of a frozen trunk may take in main memory. */
	readonly trunkBytes?: number;
	/** Keeps activations for other runs; without it they live as long as the phase. */
	readonly featureCache?: FeatureCache | null;
}

export interface TrainSummary {
	readonly trainLoss: number;
	readonly trainAccuracy: number;
	readonly valLoss: number;
	readonly valAccuracy: number;
	readonly testLoss: number;
	readonly testAccuracy: number;
	readonly trainExamples: number;
	readonly trainableParameters: number;
	readonly seconds: number;
}

export interface TrainResult {
	/** Every tensor of backbone and head as safetensors. */
	readonly checkpoint: Uint8Array;
	readonly verification: FreezeVerification;
	readonly summary: TrainSummary;
	readonly steps: number;
}
