import type { BatchNormMode, StrategyInput, SupportedStrategyKind } from './strategy.js';

/** Fields that only some kinds use; `kind` and `learningRate` are everyone's. */
export type OptionalField = Exclude<keyof StrategyInput, 'kind' | 'learningRate' | 'batchNorm' | 'options'>;

/** What a kind reads of its input. */
export interface KindRules {
	/** Further fields that it uses; any other is refused by name. */
	readonly fields: readonly OptionalField[];
	/** Fields without which it has no meaning. */
	readonly required: readonly OptionalField[];
	/** The modes that make sense, the default first. */
	readonly batchNorm: readonly BatchNormMode[];
	readonly defaultDecay: number | null;
	readonly defaultEpochsPerStage: number | null;
	readonly defaultRank?: number;
	readonly defaultAlpha?: number;
}

const rules = (given: Partial<KindRules>): KindRules => ({
	fields: ['backboneLearningRate'],
	required: [],
	batchNorm: ['FROZEN_STATISTICS', 'TRAIN_STATISTICS'],
	defaultDecay: null,
	defaultEpochsPerStage: null,
	...given,
});

/** Where some groups stay frozen, AFFINE_ONLY says something of its own. */
const WITH_FROZEN_GROUPS: readonly BatchNormMode[] = ['FROZEN_STATISTICS', 'TRAIN_STATISTICS', 'AFFINE_ONLY'];

export const KIND_RULES: Readonly<Record<SupportedStrategyKind, KindRules>> = {
	// Random weights have no statistics worth keeping.
	FROM_SCRATCH: rules({ batchNorm: ['TRAIN_STATISTICS'] }),
	FEATURE_EXTRACTION: rules({ fields: [], batchNorm: ['FROZEN_STATISTICS'] }),
	PARTIAL_FINE_TUNE: rules({
		fields: ['unfreezeFrom', 'backboneLearningRate'],
		required: ['unfreezeFrom'],
		batchNorm: WITH_FROZEN_GROUPS,
	}),
	FULL_FINE_TUNE: rules({}),
	LP_FT: rules({ fields: ['backboneLearningRate', 'epochsPerStage'], defaultEpochsPerStage: 1 }),
	GRADUAL_UNFREEZE: rules({
		fields: ['backboneLearningRate', 'epochsPerStage'],
		batchNorm: WITH_FROZEN_GROUPS,
		defaultEpochsPerStage: 1,
	}),
	// ULMFiT's factor.
	DISCRIMINATIVE_LR: rules({ fields: ['backboneLearningRate', 'decay'], defaultDecay: 1 / 2.6 }),
	// timm's default for vision.
	LAYERWISE_LR_DECAY: rules({ fields: ['backboneLearningRate', 'decay'], defaultDecay: 0.75 }),
	// tllib's trade-off; the paper searches from .1 down.
	L2_SP: rules({ fields: ['backboneLearningRate', 'alpha'], defaultAlpha: 0.01 }),
	BATCH_NORM_ONLY: rules({ batchNorm: ['AFFINE_ONLY', 'TRAIN_STATISTICS'] }),
	BITFIT: rules({}),
	// PEFT's defaults.
	LORA: rules({
		fields: ['backboneLearningRate', 'rank', 'alpha'],
		batchNorm: ['FROZEN_STATISTICS'],
		defaultRank: 8,
		defaultAlpha: 8,
	}),
	SURGICAL: rules({
		fields: ['unfreezeFrom', 'backboneLearningRate'],
		required: ['unfreezeFrom'],
		batchNorm: WITH_FROZEN_GROUPS,
	}),
	FREEZE_OUT: rules({}),
	// The head learns on the labelled data; only BatchNorm's statistics meet the target.
	ADABN: rules({ fields: [], batchNorm: ['TARGET_STATISTICS'] }),
	DEEP_CORAL: rules({}),
	MMD: rules({}),
	DANN: rules({}),
};
