import type { InputSpec, Modality } from '@graft/domain/backbone';
import type { DatasetSplit, DatasetStatistics, Task } from '@graft/domain/dataset';
import type { JsonObject } from '@graft/domain/json';
import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('dataset')
@Unique('dataset_name_unique', ['name'])
@Check('dataset_modality_check', `modality IN ('IMAGE', 'TEXT', 'TABULAR')`)
@Check('dataset_task_check', `task IN ('CLASSIFICATION', 'REGRESSION', 'LANGUAGE_MODELING')`)
export class DatasetEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'dataset_pk' })
	id: string;
	@Column('text')
	name: string;
	@Column('text')
	version: string;
	@Column('text')
	modality: Modality;
	@Column('text')
	task: Task;
	@Column('jsonb', { nullable: true })
	classes: readonly string[] | null;
	@Column('jsonb')
	splits: readonly DatasetSplit[];
	@Column('jsonb')
	input: InputSpec;
	@Column('text')
	uri: string;
	@Column('text')
	format: string;
	@Column('jsonb')
	options: JsonObject;
	@Column('text', { nullable: true })
	attribution: string | null;
	@Column('jsonb', { nullable: true })
	statistics: DatasetStatistics | null;
	@Column('timestamptz', { default: () => 'now()' })
	createdAt: Date;
}
