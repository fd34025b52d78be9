import { UPLOAD_PART_BYTES } from '@graft/domain/artifact';
import { Field, Float, InputType } from 'type-graphql';
import { LeaseInputType } from '../lease/lease.inputs.js';

const PARTS = `sha256 of each part of ${UPLOAD_PART_BYTES} bytes. Absent: the file comes in one piece.`;

@InputType('UploadInput')
export class UploadInputType {
	@Field(() => String, { description: 'sha256 of the bytes.' }) readonly digest: string;
	@Field(() => Float) readonly bytes: number;
	@Field(() => [String], { nullable: true, description: PARTS })
	readonly partDigests?: readonly string[] | null;
}

@InputType('ArtifactInput')
export class ArtifactInputType {
	@Field(() => LeaseInputType) readonly lease: LeaseInputType;
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly kind: string;
	@Field(() => Float) readonly bytes: number;
	@Field(() => String) readonly digest: string;
	@Field(() => Float, { nullable: true }) readonly step?: number | null;
	@Field(() => [String], { nullable: true, description: PARTS })
	readonly partDigests?: readonly string[] | null;
}
