import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * A stretch of one series of one attempt, in order of arrival, as compaction leaves it. Partitioned by experiment. One that is not
 * very short has its points summed up in cells as well, at each of its levels, and shares no cell with its neighbours while
 * steps grow. The open chunks of a series lie behind its closed ones, and are joined as it grows.
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
	@Column('boolean')
	closed: boolean;
	/** Levels of the lists of cells, the finest first; null where points are too few to be summed up. */
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
