import type { Modality } from '@graft/domain/backbone';
import type { Dataset, DatasetStatistics, Task } from '@graft/domain/dataset';
import type { Json } from '@graft/domain/json';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { InputSpecType } from '../backbone/backbone.type.js';
import { resultUnion } from '../error/result-union.js';
import { ConflictType, InvalidInputType } from '../error/user-error.type.js';
import { connectionType } from '../page/page.type.js';
import { DateTime } from '../scalar/date-time.js';
import { JsonScalar } from '../scalar/json.js';
import { ModalityEnum, TaskEnum } from '../schema/enums.js';
import { DatasetStatisticsType } from './statistics.type.js';

@ObjectType('DatasetSplit')
export class DatasetSplitType {
	@Field(() => String) readonly name: string;
	@Field(() => Int) readonly examples: number;
	@Field(() => [Int], { nullable: true }) readonly classCounts: readonly number[] | null;
}

@ObjectType('Dataset')
export class DatasetType {
	@Field(() => ID) readonly id: string;
	@Field(() => String) readonly name: string;
	@Field(() => String, { description: 'Content digest.' }) readonly version: string;
	@Field(() => ModalityEnum) readonly modality: Modality;
	@Field(() => TaskEnum) readonly task: Task;
	@Field(() => [String], { nullable: true }) readonly classes: readonly string[] | null;
	@Field(() => [DatasetSplitType]) readonly splits: readonly DatasetSplitType[];
	@Field(() => InputSpecType) readonly input: InputSpecType;
	@Field(() => String) readonly uri: string;
	@Field(() => String) readonly format: string;
	@Field(() => JsonScalar) readonly options: Json;
	@Field(() => String, { nullable: true }) readonly attribution: string | null;
	@Field(() => DatasetStatisticsType, { nullable: true }) readonly statistics: DatasetStatistics | null;
	@Field(() => DateTime) readonly createdAt: Date;
}

export const DatasetConnectionType = connectionType('Dataset', () => DatasetType);

@ObjectType('DatasetRegistered')
export class DatasetRegisteredType {
	@Field(() => DatasetType) readonly dataset: Dataset;
}

export const RegisterDatasetResult = resultUnion(
	'RegisterDatasetResult',
	DatasetRegisteredType,
	InvalidInputType,
	ConflictType,
);
