import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * A stretch of one series of one attempt, in order of arrival, as compaction leaves it. Partitioned by experiment. A closed
 * chunk (with levels) has its points summed up in cells as well, at each of its levels, and shares no cell with its
 * neighbours while steps grow.
 */
@Entity('metric_chunk')
@Index('metric_chunk_sequence_index', ['experimentId', 'runId', 'attempt', 'lastSequence'])
export class MetricChunkEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'metric_chunk_pk' })
	experimentId: string;
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'metric_chunk_pk' })
	runId: string;
	@PrimaryColumn('text', { primaryKeyConstraintName: 'metric_chunk_pk' })
	key: string;
	@PrimaryColumn('integer', { primaryKeyConstraintName: 'metric_chunk_pk' })
	attempt: number;
	/** Points of the attempt's series before this chunk. */
	@PrimaryColumn('bigint', { primaryKeyConstraintName: 'metric_chunk_pk' })
	position: number;
	@Column('integer')
	count: number;
	@Column('bigint')
	firstSequence: number;
	@Column('bigint')
	lastSequence: number;
	@Column('bigint')
	minStep: number;
	@Column('bigint')
	maxStep: number;
	/** Levels of the lists of cells, the finest first; null in an open chunk. */
	@Column('smallint', { array: true, nullable: true })
	levels: number[] | null;
	/** Where the cells of each level end in `cells`. */
	@Column('integer', { array: true, nullable: true })
	levelEnds: number[] | null;
	/** How many points of which batch; null: all of them of one batch. */
	@Column('bytea', { nullable: true })
	sequences: Buffer | null;
	@Column('bytea')
	steps: Buffer;
	@Column('bytea')
	times: Buffer;
	@Column('bytea')
	values: Buffer;
	@Column('bytea', { nullable: true })
	cells: Buffer | null;
}
