import type { JsonObject } from '@graft/domain/json';
import { z } from '@graft/runtime/env';
import { badUserInput } from '../error/bad-user-input.js';

/** Checks a JSON argument whose shape the schema language cannot say. @throws GraphQLError BAD_USER_INPUT by path. */
export function parseJson<T>(shape: z.ZodType<T>, value: unknown, field: string): T {
	const parsed = shape.safeParse(value);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	const path = [field, ...(issue?.path.map(String) ?? [])].join('.');
	throw badUserInput(path, `${path}: ${issue?.message ?? 'not as expected'}.`);
}

const anyObject = z.record(z.string(), z.unknown(), { error: 'expected an object' });

export function jsonObject(value: unknown, field: string): JsonObject {
	return parseJson(anyObject, value, field) as JsonObject;
}
