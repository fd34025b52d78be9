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
			"Null: the kind's own, TRAIN_STATISTICS for FROM_SCRATCH, AFFINE_ONLY for BATCH_NORM_ONLY, else FROZEN_STATISTICS.",
	})
	readonly batchNorm?: BatchNormMode | null;
	@Field(() => Float, { nullable: true, description: 'Head.' }) readonly learningRate?: number | null;
	@Field(() => Float, { nullable: true }) readonly backboneLearningRate?: number | null;
	@Field(() => Float, { nullable: true, description: 'Factor a group, DISCRIMINATIVE_LR / LAYERWISE_LR_DECAY.' })
	readonly decay?: number | null;
	@Field(() => Int, { nullable: true, description: 'GRADUAL_UNFREEZE, LP_FT.' })
	readonly epochsPerStage?: number | null;
	@Field(() => Int, { nullable: true }) readonly rank?: number | null;
	@Field(() => Float, { nullable: true }) readonly alpha?: number | null;
	@Field(() => JsonScalar, {
		nullable: true,
		description: 'The rest, checked per kind; an unknown key is refused by name.',
	})
	readonly options?: JsonObject | null;
}
