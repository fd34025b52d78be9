import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** The lines of one `logLines` call. */
@Entity('log_chunk')
@ForeignKey('AttemptEntity', ['runId', 'attempt'], ['runId', 'number'], { name: 'log_chunk_attempt_fk' })
export class LogChunkEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'log_chunk_pk' })
	runId: string;
	@PrimaryColumn('integer', { primaryKeyConstraintName: 'log_chunk_pk' })
	attempt: number;
	@PrimaryColumn('bigint', { primaryKeyConstraintName: 'log_chunk_pk' })
	sequence: number;
	@Column('text', { array: true })
	lines: readonly string[];
	@Column('timestamptz', { default: () => 'now()' })
	writtenAt: Date;
}
