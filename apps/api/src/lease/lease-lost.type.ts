import { Field, ObjectType } from 'type-graphql';

@ObjectType('LeaseLost')
export class LeaseLostType {
	@Field(() => String) readonly reason: string;
}
