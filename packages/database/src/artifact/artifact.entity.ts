import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';

@Entity('artifact')
@Unique('artifact_file_unique', ['runId', 'attempt', 'name', 'digest'])
@ForeignKey('AttemptEntity', ['runId', 'attempt'], ['runId', 'number'], { name: 'artifact_attempt_fk' })
export class ArtifactEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'artifact_pk' })
	id: string;
	@Column('uuid')
	runId: string;
	@Column('integer')
	attempt: number;
	@Column('text')
	name: string;
	@Column('text')
	kind: string;
	@Column('bigint')
	bytes: number;
	@Column('text')
	@ForeignKey('BlobEntity', { name: 'artifact_blob_fk' })
	digest: string;
	@Column('bigint', { nullable: true })
	step: number | null;
	@Column('timestamptz', { default: () => 'now()' })
	createdAt: Date;
}
