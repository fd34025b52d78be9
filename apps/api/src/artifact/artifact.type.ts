import type { Artifact } from '@graft/domain/artifact';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
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

@ObjectType('UploadHeader')
export class UploadHeaderType {
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly value: string;
}

@ObjectType('UploadPart', { description: 'Where these bytes of a file go: one PUT to url with these headers.' })
export class UploadPartType {
	@Field(() => Int, { description: 'From 1.' }) readonly number: number;
	@Field(() => Float) readonly offset: number;
	@Field(() => Float) readonly bytes: number;
	@Field(() => String, { description: 'Carries its own proof and expires: begin again for a new one.' })
	readonly url: string;
	@Field(() => [UploadHeaderType]) readonly headers: readonly UploadHeaderType[];
}

const MISSING =
	'The next parts that are missing (null: the store has the file already). PUT them and begin again until none is left';

@ObjectType('ArtifactBegun', { description: `${MISSING}, then finishUpload, then commitArtifact.` })
export class ArtifactBegunType {
	@Field(() => [UploadPartType], { nullable: true }) readonly parts: readonly UploadPartType[] | null;
}

@ObjectType('UploadBegun', { description: `${MISSING}, then finishUpload, then name the file by its digest.` })
export class UploadBegunType {
	@Field(() => [UploadPartType], { nullable: true }) readonly parts: readonly UploadPartType[] | null;
}

@ObjectType('UploadFinished', { description: 'The store has checked the bytes against their sha256 and holds them.' })
export class UploadFinishedType {
	@Field(() => String) readonly digest: string;
}

@ObjectType('ArtifactCommitted')
export class ArtifactCommittedType {
	@Field(() => ArtifactType) readonly artifact: Artifact;
}

export const FinishUploadResult = resultUnion('FinishUploadResult', UploadFinishedType, InvalidInputType);
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
