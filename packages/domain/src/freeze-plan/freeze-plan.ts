import type { BatchNormMode } from '../strategy/strategy.js';

/** Which numbers of a group learn. `NONE` is frozen. */
export type GroupTraining = 'NONE' | 'ALL' | 'BATCH_NORM_AFFINE' | 'BIASES' | 'LORA';

export interface GroupPlan {
	/** Layer group's name, or `head`. */
	readonly group: string;
	readonly trains: GroupTraining;
	readonly trainable: boolean;
	/** Null where nothing of the group learns. */
	readonly learningRate: number | null;
	/** Share of the run after which the group is frozen (FREEZE_OUT); left out where it is not. */
	readonly freezesAt?: number;
	/** Null where the group has no BatchNorm. A frozen group is FROZEN_STATISTICS, or TARGET_STATISTICS under ADABN. */
	readonly batchNorm: BatchNormMode | null;
	readonly trainableParameters: number;
	/** All numbers of the group, with those that the strategy adds (LORA). */
	readonly parameters: number;
}

export interface FreezePhase {
	readonly index: number;
	readonly epochs: number;
	/** Every layer group once, from stem to top, then `head`. */
	readonly groups: readonly GroupPlan[];
	readonly trainableParameters: number;
	/** Multiply-accumulates of one training step per example. */
	readonly stepCost: number;
	/** The same with the frozen trunk's activations computed once; null where no leading group is frozen throughout. */
	readonly cachedStepCost: number | null;
}

/** What a strategy means on this backbone: each group's part in each phase. Phases run one after the other. */
export interface FreezePlan {
	readonly phases: readonly FreezePhase[];
	/** Numbers that learn in at least one phase, head included. */
	readonly trainableParameters: number;
	/** All other numbers, moving statistics included. */
	readonly frozenParameters: number;
	/** Whether the backbone starts from its pretrained weights (false: FROM_SCRATCH). */
	readonly startsFromPretrained: boolean;
	/** Step-weighted means over the phases. */
	readonly stepCost: number;
	readonly cachedStepCost: number | null;
	/** Why the trunk's activations cannot be kept from step to step, in words; null (or absent, in plans of old runs) where they can. */
	readonly cacheReason?: string | null;
}
