import type { JsonObject } from '@graft/domain/json';
import type { SweepBudget, SweepMethod, SweepSpace } from '@graft/domain/sweep';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

@Entity('sweep')
@Index('sweep_experiment_index', ['experimentId'])
@Check('sweep_status_check', `status IN ('RUNNING', 'PAUSED', 'STOPPED', 'FINISHED')`)
@Check('sweep_method_check', `method IN ('GRID', 'RANDOM')`)
export class SweepEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'sweep_pk' })
	id: string;
	@Column('uuid')
	@ForeignKey('ExperimentEntity', { name: 'sweep_experiment_fk' })
	experimentId: string;
	@Column('text')
	name: string;
	@Column('text')
	status: string;
	@Column('text')
	method: SweepMethod;
	@Column('jsonb')
	space: SweepSpace;
	@Column('jsonb')
	budget: SweepBudget;
	@Column('jsonb')
	base: JsonObject;
	@Column('integer')
	seed: number;
	/** Counts changes of this row, as `run.revision` does of a run's. */
	@Column('integer', { default: 1 })
	revision: number;
	@Column('timestamptz', { default: () => 'now()' })
	createdAt: Date;
}
