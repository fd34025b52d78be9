import type { Json } from '@graft/domain/json';
import { Field, Float, InputType } from 'type-graphql';
import { JsonScalar } from '../scalar/json.js';

@InputType('RunEventInput')
export class RunEventInputType {
	@Field(() => String) readonly kind: string;
	@Field(() => Float, { nullable: true }) readonly step?: number | null;
	@Field(() => String) readonly message: string;
	@Field(() => JsonScalar, { nullable: true }) readonly data?: Json;
}
