import type { GroupTraining } from '@graft/domain/freeze-plan';
import type { BatchNormMode } from '@graft/domain/strategy';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../error/result-union.js';
import { InvalidInputType, NotFoundType } from '../error/user-error.type.js';
import { BatchNormModeEnum, GroupTrainingEnum } from '../schema/enums.js';

@ObjectType('GroupPlan')
export class GroupPlanType {
	@Field(() => String) readonly group: string;
	@Field(() => GroupTrainingEnum) readonly trains: GroupTraining;
	@Field(() => Boolean) readonly trainable: boolean;
	@Field(() => Float, { nullable: true }) readonly learningRate: number | null;
	@Field(() => Float, {
		nullable: true,
		description: 'Share of the run after which the group is frozen (FREEZE_OUT); null elsewhere.',
	})
	readonly freezesAt?: number;
	@Field(() => BatchNormModeEnum, { nullable: true }) readonly batchNorm: BatchNormMode | null;
	@Field(() => Int) readonly trainableParameters: number;
	@Field(() => Int) readonly parameters: number;
}

@ObjectType('FreezePhase')
export class FreezePhaseType {
	@Field(() => Int) readonly index: number;
	@Field(() => Int) readonly epochs: number;
	@Field(() => [GroupPlanType]) readonly groups: readonly GroupPlanType[];
	@Field(() => Int) readonly trainableParameters: number;
	@Field(() => Float) readonly stepCost: number;
	@Field(() => Float, { nullable: true }) readonly cachedStepCost: number | null;
}

@ObjectType('FreezePlan')
export class FreezePlanType {
	@Field(() => [FreezePhaseType]) readonly phases: readonly FreezePhaseType[];
	@Field(() => Int) readonly trainableParameters: number;
	@Field(() => Int) readonly frozenParameters: number;
	@Field(() => Boolean, { description: 'False: FROM_SCRATCH, nothing is carried over.' })
	readonly startsFromPretrained: boolean;
	@Field(() => Float, {
		description: 'Multiply-accumulates of one training step per example, with and without the feature cache.',
	})
	readonly stepCost: number;
	@Field(() => Float, { nullable: true }) readonly cachedStepCost: number | null;
	@Field(() => String, {
		nullable: true,
		description: 'Why the frozen trunk cannot be computed once (in each phase), in words; null where it can.',
	})
	readonly cacheReason?: string | null;
}

export const FreezePlanResult = resultUnion('FreezePlanResult', FreezePlanType, InvalidInputType, NotFoundType);
