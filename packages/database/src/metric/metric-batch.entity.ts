import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * The log of batches that wait for compaction: one row a batch, with all of its series in one value. Partitioned by
 * experiment. No foreign key: the one statement that writes takes run and attempt from the attempt's own row.
 */
@Entity('metric_batch')
export class MetricBatchEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'metric_batch_pk' })
	experimentId: string;
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'metric_batch_pk' })
	runId: string;
	@PrimaryColumn('integer', { primaryKeyConstraintName: 'metric_batch_pk' })
	attempt: number;
	@PrimaryColumn('bigint', { primaryKeyConstraintName: 'metric_batch_pk' })
	sequence: number;
	@Column('integer')
	points: number;
	@Column('timestamptz', { default: () => 'now()' })
	storedAt: Date;
	/** See batch-codec.ts. */
	@Column('bytea')
	body: Buffer;
}
