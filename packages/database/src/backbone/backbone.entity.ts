import type { InputSpec, LayerGroup, Modality } from '@graft/domain/backbone';
import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';

@Entity('backbone')
@Unique('backbone_name_unique', ['name'])
@Check('backbone_modality_check', `modality IN ('IMAGE', 'TEXT', 'TABULAR')`)
@Check('backbone_weights_digest_check', `weights_digest ~ '^[0-9a-f]{64}$'`)
export class BackboneEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'backbone_pk' })
	id: string;
	@Column('text')
	name: string;
	@Column('text')
	architecture: string;
	@Column('text')
	modality: Modality;
	@Column('text', { nullable: true })
	weightsDigest: string | null;
	@Column('text', { nullable: true })
	source: string | null;
	@Column('text', { nullable: true })
	licence: string | null;
	@Column('uuid', { nullable: true })
	@ForeignKey('DatasetEntity', { name: 'backbone_pretrained_on_fk' })
	pretrainedOnId: string | null;
	@Column('uuid', { nullable: true })
	@ForeignKey('RunEntity', { name: 'backbone_produced_by_fk' })
	producedById: string | null;
	@Column('bigint')
	parameterCount: number;
	@Column('jsonb')
	layerGroups: readonly LayerGroup[];
	@Column('jsonb')
	input: InputSpec;
	@Column('timestamptz', { default: () => 'now()' })
	createdAt: Date;
}
