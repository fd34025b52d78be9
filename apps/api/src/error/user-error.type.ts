import { Field, Float, InterfaceType, ObjectType } from 'type-graphql';

@InterfaceType('UserError')
export abstract class UserErrorType {
	@Field(() => String) readonly code: string;
	@Field(() => String) readonly message: string;
}

@ObjectType('Conflict', { implements: UserErrorType })
export class ConflictType extends UserErrorType {}

@ObjectType('NotFound', { implements: UserErrorType })
export class NotFoundType extends UserErrorType {}

@ObjectType('InvalidInput', { implements: UserErrorType })
export class InvalidInputType extends UserErrorType {
	@Field(() => String, { nullable: true }) readonly field: string | null;
}

@ObjectType('TooLarge', { implements: UserErrorType })
export class TooLargeType extends UserErrorType {
	@Field(() => Float) readonly limit: number;
}
