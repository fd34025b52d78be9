import type { FreezePlan } from '@graft/domain/freeze-plan';
import type { JsonObject } from '@graft/domain/json';
import type { Failure, FreezeVerification, Progress, RunSpec, RunStatus } from '@graft/domain/run';
import type { Strategy } from '@graft/domain/strategy';
import type { RunRequirements } from '@graft/domain/worker';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A spec less what has its own column. */
export type StoredSpec = Omit<RunSpec, 'strategy' | 'plan' | 'seed'>;

@Entity('run')
@Index('run_lane_index', ['priority', 'experimentId', 'requires', 'queuedAt', 'id'], {
	where: `status = 'QUEUED' AND deleted_at IS NULL AND retry_at IS NULL`,
})
@Index('run_retry_index', ['retryAt'], { where: 'retry_at IS NOT NULL' })
@Index('run_trash_index', ['deletedAt'], { where: 'deleted_at IS NOT NULL' })
@Index('run_training_index', ['experimentId'], { where: `status = 'RUNNING' AND spec IS NOT NULL` })
@Index('run_queued_at_index', ['queuedAt', 'id'])
@Index('run_experiment_index', ['experimentId', 'queuedAt', 'id'])
@Index('run_changed_index', ['changedXid', 'id'])
@Index('run_experiment_changed_index', ['experimentId', 'changedXid', 'id'])
@Index('run_sweep_index', ['sweepId'], { where: 'sweep_id IS NOT NULL' })
@Index('run_tags_index', ['tags'], { type: 'gin' })
@Check('run_status_check', `status IN ('QUEUED', 'RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'PRUNED')`)
@Check(
	'run_finished_at_check',
	`(finished_at IS NOT NULL) = (status IN ('SUCCEEDED', 'FAILED', 'CANCELLED', 'PRUNED'))`,
)
export class RunEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'run_pk' })
	id: string;
	@Column('uuid')
	@ForeignKey('ExperimentEntity', { name: 'run_experiment_fk' })
	experimentId: string;
	@Column('uuid', { nullable: true })
	@ForeignKey('SweepEntity', { name: 'run_sweep_fk' })
	sweepId: string | null;
	@Column('uuid', { nullable: true })
	@ForeignKey('BackboneEntity', { name: 'run_backbone_fk' })
	backboneId: string | null;
	@Column('uuid', { nullable: true })
	@ForeignKey('DatasetEntity', { name: 'run_dataset_fk' })
	datasetId: string | null;
	@Column('text')
	name: string;
	@Column('text')
	status: RunStatus;
	@Column('jsonb', { nullable: true })
	strategy: Strategy | null;
	@Column('jsonb', { nullable: true })
	freezePlan: FreezePlan | null;
	@Column('jsonb', { nullable: true })
	spec: StoredSpec | null;
	@Column('jsonb')
	config: JsonObject;
	@Column('integer', { nullable: true })
	seed: number | null;
	@Column('text', { array: true, default: () => `'{}'` })
	tags: readonly string[];
	@Column('integer', { default: 0 })
	priority: number;
	@Column('jsonb', { default: {} })
	requires: RunRequirements;
	/** Number of the latest attempt; 0 before the first. */
	@Column('integer', { default: 0 })
	attempts: number;
	/** Attempts in a row that failed, since the last one that advanced or a user queued the run. */
	@Column('integer', { default: 0 })
	crashes: number;
	@Column('jsonb', { nullable: true })
	progress: Progress | null;
	@Column('jsonb', { nullable: true })
	failure: Failure | null;
	@Column('jsonb', { nullable: true })
	verification: FreezeVerification | null;
	@Column('timestamptz', { default: () => 'now()' })
	queuedAt: Date;
	@Column('timestamptz', { nullable: true })
	startedAt: Date | null;
	@Column('timestamptz', { nullable: true })
	finishedAt: Date | null;
	@Column('timestamptz', { nullable: true })
	deletedAt: Date | null;
	@Column('timestamptz', { nullable: true })
	cancelRequestedAt: Date | null;
	@Column('timestamptz', { nullable: true })
	pauseRequestedAt: Date | null;
	/** While it is set nobody is offered the run; see wake-runs.sql.ts. */
	@Column('timestamptz', { nullable: true })
	retryAt: Date | null;
	/** Both are set by the trigger run_stamp, at every insert and update. */
	@Column('integer')
	revision: number;
	/** Transaction that wrote the row last: what runUpdates reads after (see changed-runs.sql.ts). */
	@Column('bigint')
	changedXid: number;
}
