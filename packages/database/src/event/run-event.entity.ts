import type { Json } from '@graft/domain/json';
import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

@Entity('run_event')
@Index('run_event_sender_id_unique', ['runId', 'senderId'], { unique: true, where: 'sender_id IS NOT NULL' })
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
	/** Made by the sender, so that an event that comes twice is known. */
	@Column('uuid', { nullable: true })
	senderId: string | null;
}
