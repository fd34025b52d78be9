import type { JsonObject } from '@graft/domain/json';
import type { BatchNormMode, StrategyKind } from '@graft/domain/strategy';
import { Field, Float, InputType, Int } from 'type-graphql';
import { JsonScalar } from '../scalar/json.js';
import { BatchNormModeEnum, StrategyKindEnum } from '../schema/enums.js';

@InputType('StrategyInput', { description: 'How much of the backbone learns, and how.' })
export class StrategyInputType {
	@Field(() => StrategyKindEnum) readonly kind: StrategyKind;
	@Field(() => String, {
		nullable: true,
		description: 'Layer group name or index: this group and all above it learn (SURGICAL: this group alone).',
	})
	readonly unfreezeFrom?: string | null;
	@Field(() => BatchNormModeEnum, {
		nullable: true,
		description:
			"Null: the kind's own, TRAIN_STATISTICS for FROM_SCRATCH, AFFINE_ONLY for BATCH_NORM_ONLY, TARGET_STATISTICS for ADABN, else FROZEN_STATISTICS.",
	})
	readonly batchNorm?: BatchNormMode | null;
	@Field(() => Float, { nullable: true, description: 'Head.' }) readonly learningRate?: number | null;
	@Field(() => Float, { nullable: true }) readonly backboneLearningRate?: number | null;
	@Field(() => Float, { nullable: true, description: 'Factor a group, DISCRIMINATIVE_LR / LAYERWISE_LR_DECAY.' })
	readonly decay?: number | null;
	@Field(() => Int, { nullable: true, description: 'GRADUAL_UNFREEZE, LP_FT.' })
	readonly epochsPerStage?: number | null;
	@Field(() => Int, { nullable: true, description: 'LORA: rank of the updates, 8 where it is not given.' })
	readonly rank?: number | null;
	@Field(() => Float, {
		nullable: true,
		description: 'L2_SP: pull of the backbone to its start (0.01). LORA: the updates count alpha / rank (8).',
	})
	readonly alpha?: number | null;
	@Field(() => JsonScalar, {
		nullable: true,
		description:
			'The rest, checked per kind; an unknown key is refused by name. L2_SP: beta. LORA: rankStabilized, targets (ends of layer names). FREEZE_OUT: t0, schedule (cubic, squared, linear), scaled. DEEP_CORAL: weight, variant (paper, tllib). MMD: weight, estimator (unbiased, biased). DANN: weight, gamma, hidden.',
	})
	readonly options?: JsonObject | null;
}
