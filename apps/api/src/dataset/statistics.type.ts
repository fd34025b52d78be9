import type { BrokenExample, DatasetStatistics, Distribution } from '@graft/domain/dataset';
import { Field, Float, Int, ObjectType } from 'type-graphql';

@ObjectType('Distribution', { description: 'How a quantity is spread over the examples.' })
export class DistributionType {
	@Field(() => String, { description: 'width, height, bytes, tokens.' }) readonly name: string;
	@Field(() => String) readonly unit: string;
	@Field(() => Float) readonly min: number;
	@Field(() => Float) readonly p5: number;
	@Field(() => Float) readonly median: number;
	@Field(() => Float) readonly p95: number;
	@Field(() => Float) readonly max: number;
}

@ObjectType('DuplicateExamples')
export class DuplicateExamplesType {
	@Field(() => Int, { description: 'Examples whose content another example before them has.' })
	readonly examples: number;
	@Field(() => Int, { description: 'Of these, those whose twin is in another split: what is tested was seen.' })
	readonly acrossSplits: number;
	@Field(() => [[String]], { description: 'Names of examples with equal content; the first of them.' })
	readonly groups: DatasetStatistics['duplicates']['groups'];
}

@ObjectType('BrokenExample')
export class BrokenExampleType {
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly reason: string;
}

@ObjectType('BrokenExamples', { description: 'Examples that cannot be read; they are left out.' })
export class BrokenExamplesType {
	@Field(() => Int) readonly count: number;
	@Field(() => [BrokenExampleType], { description: 'The first of them.' }) readonly named: readonly BrokenExample[];
}

@ObjectType('DatasetStatistics', { description: 'What was found at import. Nothing of it changes training.' })
export class DatasetStatisticsType {
	@Field(() => Float) readonly bytes: number;
	@Field(() => [DistributionType]) readonly distributions: readonly Distribution[];
	@Field(() => DuplicateExamplesType) readonly duplicates: DatasetStatistics['duplicates'];
	@Field(() => BrokenExamplesType) readonly broken: DatasetStatistics['broken'];
}
