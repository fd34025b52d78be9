import { z } from 'zod';

export { z };

/** A variable of the environment is missing or wrong. The message names each one and what is expected. */
export class EnvironmentError extends Error {
	override readonly name = 'EnvironmentError';
}

/**
 * Checks the variables that the schema names; others are ignored, and an empty string counts as not set.
 * @throws EnvironmentError with one line for each wrong variable.
 */
export function parseEnv<Schema extends z.ZodObject>(
	schema: Schema,
	source: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> {
	const given = Object.fromEntries(Object.keys(schema.shape).map((key) => [key, source[key] || undefined]));
	const parsed = schema.safeParse(given);
	if (parsed.success) return parsed.data;
	const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
	throw new EnvironmentError(`The environment is not right.\n  ${lines.join('\n  ')}`);
}
