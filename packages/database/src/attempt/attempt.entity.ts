import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/**
 * One lease of a run, from hand-out to end. The counters that every batch moves are here and not in `run`, and no index
 * holds them, so that their updates stay on the page (HOT) and never rewrite the run's row.
 */
@Entity('attempt')
@Index('attempt_live_index', ['runId'], { unique: true, where: 'ended_at IS NULL' })
@Index('attempt_worker_live_index', ['workerId'], { where: 'ended_at IS NULL' })
@Check('attempt_outcome_check', `outcome IN ('SUCCEEDED', 'FAILED', 'CANCELLED', 'RELEASED', 'EXPIRED')`)
@Check('attempt_ended_check', '(ended_at IS NULL) = (outcome IS NULL)')
export class AttemptEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'attempt_pk' })
	@ForeignKey('RunEntity', { name: 'attempt_run_fk' })
	runId: string;
	@PrimaryColumn('integer', { primaryKeyConstraintName: 'attempt_pk' })
	number: number;
	@Column('uuid', { nullable: true })
	@ForeignKey('WorkerEntity', { name: 'attempt_worker_fk' })
	workerId: string | null;
	/** sha256 of the lease token. It stays after the end: a repeated finish is told from a stranger's by it. */
	@Column('bytea')
	tokenHash: Buffer;
	@Column('timestamptz', { default: () => 'now()' })
	startedAt: Date;
	@Column('timestamptz')
	leaseExpiresAt: Date;
	@Column('timestamptz', { nullable: true })
	endedAt: Date | null;
	@Column('text', { nullable: true })
	outcome: string | null;
	@Column('bigint', { nullable: true })
	resumedFromStep: number | null;
	/** By its step, the newest checkpoint of this attempt and of what it went on from; null: none. */
	@Column('jsonb', { nullable: true })
	checkpoints: Readonly<Record<string, string>> | null;
	@Column('bigint', { default: 0 })
	lastMetricSequence: number;
	@Column('bigint', { default: 0 })
	lastLogSequence: number;
}
