import { Field, Float, InputType } from 'type-graphql';
import { LeaseInputType } from '../lease/lease.inputs.js';

@InputType('UploadInput')
export class UploadInputType {
	@Field(() => String, { description: 'sha256 of the bytes.' }) readonly digest: string;
	@Field(() => Float) readonly bytes: number;
}

@InputType('ArtifactInput')
export class ArtifactInputType {
	@Field(() => LeaseInputType) readonly lease: LeaseInputType;
	@Field(() => String) readonly name: string;
	@Field(() => String) readonly kind: string;
	@Field(() => Float) readonly bytes: number;
	@Field(() => String) readonly digest: string;
	@Field(() => Float, { nullable: true }) readonly step?: number | null;
}
