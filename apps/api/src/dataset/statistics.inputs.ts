import type { BrokenExample, DatasetStatistics, Distribution } from '@graft/domain/dataset';
import { Field, Float, InputType, Int } from 'type-graphql';

@InputType('DistributionInput')
export class DistributionInputType {
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly unit: string;
	@Field(() => Float) readonly min: number;
	@Field(() => Float) readonly p5: number;
	@Field(() => Float) readonly median: number;
	@Field(() => Float) readonly p95: number;
	@Field(() => Float) readonly max: number;
}

@InputType('DuplicateExamplesInput')
export class DuplicateExamplesInputType {
	@Field(() => Int) readonly examples: number;
	@Field(() => Int) readonly acrossSplits: number;
	@Field(() => [[String]]) readonly groups: DatasetStatistics['duplicates']['groups'];
}

@InputType('BrokenExampleInput')
export class BrokenExampleInputType {
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly reason: string;
}

@InputType('BrokenExamplesInput')
export class BrokenExamplesInputType {
	@Field(() => Int) readonly count: number;
	@Field(() => [BrokenExampleInputType]) readonly named: readonly BrokenExample[];
}

@InputType('DatasetStatisticsInput')
export class DatasetStatisticsInputType {
	@Field(() => Float) readonly bytes: number;
	@Field(() => [DistributionInputType]) readonly distributions: readonly Distribution[];
	@Field(() => DuplicateExamplesInputType) readonly duplicates: DatasetStatistics['duplicates'];
	@Field(() => BrokenExamplesInputType) readonly broken: DatasetStatistics['broken'];
}
