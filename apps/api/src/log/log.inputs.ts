import type { Json } from '@graft/domain/json';
import { Field, Float, ID, InputType } from 'type-graphql';
import { JsonScalar } from '../scalar/json.js';

@InputType('RunEventInput')
export class RunEventInputType {
	@Field(() => ID, {
		nullable: true,
		description:
			'A UUID that the sender makes. An event that comes again under its id is answered again and recorded once.',
	})
	readonly id?: string | null;
	@Field(() => String) readonly kind: string;
	@Field(() => Float, { nullable: true }) readonly step?: number | null;
	@Field(() => String) readonly message: string;
	@Field(() => JsonScalar, { nullable: true }) readonly data?: Json;
}
