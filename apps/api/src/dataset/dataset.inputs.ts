import type { Modality } from '@graft/domain/backbone';
import type { Task } from '@graft/domain/dataset';
import { Field, InputType, Int } from 'type-graphql';
import { JsonScalar } from '../scalar/json.js';
import { ModalityEnum, TaskEnum } from '../schema/enums.js';
import { DatasetStatisticsInputType } from './statistics.inputs.js';

@InputType('DatasetSplitInput')
export class DatasetSplitInputType {
	@Field(() => String) readonly name: string;
	@Field(() => Int) readonly examples: number;
	@Field(() => [Int], { nullable: true }) readonly classCounts?: readonly number[] | null;
}

@InputType('RegisterDatasetInput')
export class RegisterDatasetInputType {
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly version: string;
	@Field(() => ModalityEnum) readonly modality: Modality;
	@Field(() => TaskEnum) readonly task: Task;
	@Field(() => [String], { nullable: true }) readonly classes?: readonly string[] | null;
	@Field(() => [DatasetSplitInputType]) readonly splits: readonly DatasetSplitInputType[];
	@Field(() => [Int], { nullable: true }) readonly inputShape?: readonly number[] | null;
	@Field(() => String) readonly uri: string;
	@Field(() => String) readonly format: string;
	@Field(() => JsonScalar, { nullable: true }) readonly options?: unknown;
	@Field(() => String, { nullable: true }) readonly attribution?: string | null;
	@Field(() => DatasetStatisticsInputType, { nullable: true }) readonly statistics?: DatasetStatisticsInputType | null;
}
