import type { Recommendation, VerdictKind } from '@graft/domain/comparison';
import type { Direction } from '@graft/domain/experiment';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { JsonScalar } from '../scalar/json.js';
import { DirectionEnum, VerdictKindEnum } from '../schema/enums.js';

@ObjectType('ComparisonGroup')
export class ComparisonGroupType {
	@Field(() => ID) readonly id: string;
	@Field(() => JsonScalar, { nullable: true }) readonly strategy: object | null;
	@Field(() => String) readonly label: string;
	@Field(() => Int) readonly n: number;
	@Field(() => [Int]) readonly seeds: readonly number[];
	@Field(() => [Float]) readonly values: readonly number[];
	@Field(() => Float) readonly mean: number;
	@Field(() => Float, { nullable: true }) readonly sd: number | null;
	@Field(() => Float, { nullable: true }) readonly ciLow: number | null;
	@Field(() => Float, { nullable: true }) readonly ciHigh: number | null;
	@Field(() => Float, { nullable: true }) readonly trainableParameters: number | null;
	@Field(() => Float, { nullable: true }) readonly secondsPerRun: number | null;
	@Field(() => Float, { nullable: true }) readonly computePerRun: number | null;
}

@ObjectType('Verdict')
export class VerdictType {
	@Field(() => ID) readonly a: string;
	@Field(() => ID) readonly b: string;
	@Field(() => VerdictKindEnum) readonly kind: VerdictKind;
	@Field(() => Float) readonly difference: number;
	@Field(() => Float, { nullable: true }) readonly ciLow: number | null;
	@Field(() => Float, {
		nullable: true,
		description: '95 % interval of the difference; null where there are too few seeds for one.',
	})
	readonly ciHigh: number | null;
	@Field(() => Float, { nullable: true }) readonly pValue: number | null;
	@Field(() => String) readonly test: string;
	@Field(() => String) readonly pairedBy: string;
	@Field(() => Int, { nullable: true }) readonly moreSeedsNeeded: number | null;
	@Field(() => String) readonly note: string;
}

@ObjectType('Recommendation')
export class RecommendationType {
	@Field(() => ID) readonly group: string;
	@Field(() => String) readonly reason: string;
}

@ObjectType('Comparison', { description: 'The answer to the question.' })
export class ComparisonType {
	@Field(() => String) readonly metric: string;
	@Field(() => DirectionEnum) readonly direction: Direction;
	@Field(() => [ComparisonGroupType]) readonly groups: readonly ComparisonGroupType[];
	@Field(() => [VerdictType]) readonly verdicts: readonly VerdictType[];
	@Field(() => RecommendationType, { nullable: true }) readonly recommendation: Recommendation | null;
	@Field(() => [ID]) readonly paretoFront: readonly string[];
}
