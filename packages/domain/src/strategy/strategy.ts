import type { JsonObject } from '../json/index.js';

export const STRATEGY_KINDS = [
	'FROM_SCRATCH',
	'FEATURE_EXTRACTION',
	'PARTIAL_FINE_TUNE',
	'FULL_FINE_TUNE',
	'LP_FT',
	'GRADUAL_UNFREEZE',
	'DISCRIMINATIVE_LR',
	'LAYERWISE_LR_DECAY',
	'L2_SP',
	'BATCH_NORM_ONLY',
	'BITFIT',
	'LORA',
	'SURGICAL',
	'FREEZE_OUT',
	'ADABN',
	'DEEP_CORAL',
	'MMD',
	'DANN',
] as const;
export type StrategyKind = (typeof STRATEGY_KINDS)[number];

/** Kinds that the planner and the training engine carry out today (all); others would be refused by name. */
export const SUPPORTED_STRATEGY_KINDS = STRATEGY_KINDS satisfies readonly StrategyKind[];
export type SupportedStrategyKind = (typeof SUPPORTED_STRATEGY_KINDS)[number];

/**
 * What BatchNorm does in layers that learn. Layers that are frozen always keep their statistics.
 * FROZEN_STATISTICS: normalise by the moving statistics, learn gamma and beta (Keras' advice: `training=False`).
 * TRAIN_STATISTICS: normalise by the batch, move the statistics, learn gamma and beta.
 * AFFINE_ONLY: also in frozen groups, gamma and beta learn; statistics stay.
 * TARGET_STATISTICS: as FROZEN_STATISTICS while training; after it the statistics become those of the target (ADABN).
 */
export const BATCH_NORM_MODES = ['FROZEN_STATISTICS', 'TRAIN_STATISTICS', 'AFFINE_ONLY', 'TARGET_STATISTICS'] as const;
export type BatchNormMode = (typeof BATCH_NORM_MODES)[number];

/** As a user gives it: everything but the kind may be missing. Mirrors the API's StrategyInput. */
export interface StrategyInput {
	readonly kind: StrategyKind;
	readonly unfreezeFrom?: string | null;
	readonly batchNorm?: BatchNormMode | null;
	readonly learningRate?: number | null;
	readonly backboneLearningRate?: number | null;
	readonly decay?: number | null;
	readonly epochsPerStage?: number | null;
	readonly rank?: number | null;
	readonly alpha?: number | null;
	readonly options?: JsonObject | null;
}

/** Checked and complete: what is stored with a run, and what the planner reads. */
export interface Strategy {
	readonly kind: StrategyKind;
	/** Name of the first group that learns (PARTIAL_FINE_TUNE), or the one group that learns (SURGICAL); else null. */
	readonly unfreezeFrom: string | null;
	readonly batchNorm: BatchNormMode;
	/** Head. */
	readonly learningRate: number;
	/** Learning groups of the backbone; equals learningRate where the user gave none. */
	readonly backboneLearningRate: number;
	/** Factor from one group to the one below, head on top (DISCRIMINATIVE_LR: 1/2.6, LAYERWISE_LR_DECAY: 0.75); else null. */
	readonly decay: number | null;
	/** GRADUAL_UNFREEZE, LP_FT; else null. */
	readonly epochsPerStage: number | null;
	/** LORA: rank of the updates. Left out, as `alpha`, where the kind does not use it. */
	readonly rank?: number;
	/** L2_SP: pull towards the start; LORA: the update counts alpha / rank. */
	readonly alpha?: number;
	/** Complete: defaults are filled in (`STRATEGY_OPTIONS`). */
	readonly options: JsonObject;
}
