import type { InvalidInput, TooLarge } from '@graft/domain/error';
import { GraphQLError } from 'graphql';

/** For fields whose result type has no place for a refusal. `field` is a path such as `strategies[2].unfreezeFrom`. */
export function badUserInput(field: string | null, message: string, more: Readonly<Record<string, unknown>> = {}) {
	return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', field, ...more } });
}

/** Passes a query's value on, and turns its refusal into an error of the answer. */
export function orBadUserInput<T extends object>(value: T | InvalidInput | TooLarge): T {
	if (!('kind' in value)) return value;
	if (value.kind === 'InvalidInput') throw badUserInput(value.field, value.message, { reason: value.code });
	if (value.kind === 'TooLarge') throw badUserInput(null, value.message, { reason: value.code, limit: value.limit });
	return value;
}
