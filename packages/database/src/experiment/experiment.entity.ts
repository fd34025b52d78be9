import type { Direction } from '@graft/domain/experiment';
import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';

@Entity('experiment')
@Unique('experiment_name_unique', ['name'])
@Check('experiment_direction_check', `direction IN ('MAXIMIZE', 'MINIMIZE')`)
export class ExperimentEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'experiment_pk' })
	id: string;
	@Column('text')
	name: string;
	@Column('text', { nullable: true })
	description: string | null;
	@Column('text')
	metric: string;
	@Column('text')
	direction: Direction;
	@Column('timestamptz', { default: () => 'now()' })
	createdAt: Date;
	@Column('timestamptz', { nullable: true })
	deletedAt: Date | null;
}
