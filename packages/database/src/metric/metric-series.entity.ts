import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/**
 * One metric of one attempt, summed up at write time. After a resume the new attempt's row starts from what stays valid
 * of the attempts before, so that the latest attempt's row always speaks for the run.
 */
@Entity('metric_series')
@ForeignKey('AttemptEntity', ['runId', 'attempt'], ['runId', 'number'], { name: 'metric_series_attempt_fk' })
export class MetricSeriesEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'metric_series_pk' })
	runId: string;
	@PrimaryColumn('integer', { primaryKeyConstraintName: 'metric_series_pk' })
	attempt: number;
	@PrimaryColumn('text', { primaryKeyConstraintName: 'metric_series_pk' })
	key: string;
	@Column('bigint')
	count: number;
	/** Points that are NaN or infinite; they count, and neither minimum nor maximum sees them. */
	@Column('bigint')
	nonFinite: number;
	/** Lowest step; null in rows from before it was kept. */
	@Column('bigint', { nullable: true })
	firstStep: number | null;
	@Column('bigint')
	lastStep: number;
	@Column('double precision')
	lastValue: number;
	/** The checkpoint of the last step that counts for this attempt, and so for the other two; null: none was committed. */
	@Column('uuid', { nullable: true })
	lastCheckpointId: string | null;
	@Column('double precision', { nullable: true })
	minValue: number | null;
	@Column('bigint', { nullable: true })
	minStep: number | null;
	@Column('uuid', { nullable: true })
	minCheckpointId: string | null;
	@Column('double precision', { nullable: true })
	maxValue: number | null;
	@Column('bigint', { nullable: true })
	maxStep: number | null;
	@Column('uuid', { nullable: true })
	maxCheckpointId: string | null;
}
