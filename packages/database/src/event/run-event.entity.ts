import type { Json } from '@graft/domain/json';
import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

@Entity('run_event')
export class RunEventEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'run_event_pk' })
	@ForeignKey('RunEntity', { name: 'run_event_run_fk' })
	runId: string;
	@PrimaryColumn('integer', { primaryKeyConstraintName: 'run_event_pk' })
	position: number;
	@Column('integer')
	attempt: number;
	@Column('text')
	kind: string;
	@Column('bigint', { nullable: true })
	step: number | null;
	@Column('timestamptz', { default: () => 'now()' })
	at: Date;
	@Column('text')
	message: string;
	@Column('jsonb', { nullable: true })
	data: Json;
}
