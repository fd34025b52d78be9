import type { JsonObject } from '@graft/domain/json';
import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** One trainer process; a restarted trainer registers anew. */
@Entity('worker')
@Check('worker_slots_check', 'slots > 0')
export class WorkerEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'worker_pk' })
	id: string;
	@Column('text')
	name: string;
	@Column('text')
	backend: string;
	@Column('text', { nullable: true })
	backendReason: string | null;
	@Column('text', { nullable: true })
	device: string | null;
	@Column('bigint', { nullable: true })
	memoryBytes: number | null;
	@Column('jsonb')
	labels: JsonObject;
	@Column('integer')
	slots: number;
	@Column('timestamptz', { default: () => 'now()' })
	registeredAt: Date;
	@Column('timestamptz', { default: () => 'now()' })
	lastSeenAt: Date;
	@Column('timestamptz', { nullable: true })
	drainRequestedAt: Date | null;
}
