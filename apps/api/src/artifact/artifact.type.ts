import type { Artifact } from '@graft/domain/artifact';
import { Field, Float, ID, ObjectType } from 'type-graphql';
import { resultUnion } from '../error/result-union.js';
import { InvalidInputType, TooLargeType } from '../error/user-error.type.js';
import { LeaseLostType } from '../lease/lease-lost.type.js';
import { DateTime } from '../scalar/date-time.js';

@ObjectType('Artifact')
export class ArtifactType {
	@Field(() => ID) readonly id: string;
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly kind: string;
	@Field(() => Float) readonly bytes: number;
	@Field(() => String) readonly digest: string;
	@Field(() => Float, { nullable: true }) readonly step: number | null;
	@Field(() => DateTime) readonly createdAt: Date;
}

@ObjectType('ArtifactBegun', {
	description:
		'PUT the bytes to uploadUrl (null: the store has them already), then commitArtifact with the same input.',
})
export class ArtifactBegunType {
	@Field(() => String, { nullable: true }) readonly uploadUrl: string | null;
}

@ObjectType('UploadBegun', {
	description: 'PUT the bytes to uploadUrl (null: the store has them already), then name them by their digest.',
})
export class UploadBegunType {
	@Field(() => String, { nullable: true }) readonly uploadUrl: string | null;
}

@ObjectType('ArtifactCommitted')
export class ArtifactCommittedType {
	@Field(() => ArtifactType) readonly artifact: Artifact;
}

export const BeginUploadResult = resultUnion('BeginUploadResult', UploadBegunType, InvalidInputType, TooLargeType);
export const BeginArtifactResult = resultUnion(
	'BeginArtifactResult',
	ArtifactBegunType,
	LeaseLostType,
	InvalidInputType,
	TooLargeType,
);
export const CommitArtifactResult = resultUnion(
	'CommitArtifactResult',
	ArtifactCommittedType,
	LeaseLostType,
	InvalidInputType,
);
