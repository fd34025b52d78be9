import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** Bytes in the artifact store, known by their sha256. */
@Entity('blob')
@Check('blob_digest_check', `digest ~ '^[0-9a-f]{64}$'`)
export class BlobEntity {
	@PrimaryColumn('text', { primaryKeyConstraintName: 'blob_pk' })
	digest: string;
	@Column('bigint')
	bytes: number;
	@Column('timestamptz', { default: () => 'now()' })
	createdAt: Date;
}
