import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * The points of one series in one batch. No foreign key: the one statement that writes chunks takes run and attempt from
 * the attempt's own row, and a check a row would cost a tenth of the ingest.
 */
@Entity('metric_chunk')
@Index('metric_chunk_series_index', ['runId', 'key', 'attempt', 'sequence'])
export class MetricChunkEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'metric_chunk_pk' })
	runId: string;
	@PrimaryColumn('integer', { primaryKeyConstraintName: 'metric_chunk_pk' })
	attempt: number;
	@PrimaryColumn('bigint', { primaryKeyConstraintName: 'metric_chunk_pk' })
	sequence: number;
	@PrimaryColumn('text', { primaryKeyConstraintName: 'metric_chunk_pk' })
	key: string;
	@Column('integer')
	count: number;
	@Column('integer')
	nonFinite: number;
	@Column('bigint')
	minStep: number;
	@Column('bigint')
	maxStep: number;
	@Column('double precision', { nullable: true })
	minValue: number | null;
	@Column('double precision', { nullable: true })
	maxValue: number | null;
	@Column('double precision')
	sumValue: number;
	@Column('double precision')
	firstValue: number;
	@Column('double precision')
	lastValue: number;
	/** The three lists of points, encoded: see chunk-codec.ts. */
	@Column('bytea')
	encodedSteps: Buffer;
	@Column('bytea')
	encodedTimes: Buffer;
	@Column('bytea')
	encodedValues: Buffer;
}
