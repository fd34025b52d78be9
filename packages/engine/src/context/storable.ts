import { type InvalidInput, invalidInput } from '@graft/domain/error';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Ids that cannot be one of ours are unknown ids; Postgres would call them a syntax error. */
export const isId = (text: string): boolean => UUID.test(text);
export const onlyIds = (ids: readonly string[]): string[] => ids.filter(isId);

/** Postgres holds neither NUL nor half a surrogate pair in text or JSON. */
export function isStorableText(text: string): boolean {
	// With the u flag a whole pair is one character, so that this finds halves alone.
	return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

/** The text with the replacement character for what cannot be stored. */
export const toStorableText = (text: string): string =>
	isStorableText(text) ? text : text.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');

function isStorable(value: unknown): boolean {
	if (typeof value === 'string') return isStorableText(value);
	if (typeof value === 'number') return Number.isFinite(value);
	if (Array.isArray(value)) return value.every(isStorable);
	if (value !== null && typeof value === 'object')
		return Object.entries(value).every(([key, inner]) => isStorableText(key) && isStorable(inner));
	return true;
}

/** Refuses values that the database could not give back as they are, naming the field. */
export function refuseUnstorable(fields: Readonly<Record<string, unknown>>): InvalidInput | null {
	for (const [field, value] of Object.entries(fields)) {
		if (!isStorable(value))
			return invalidInput(
				field,
				`${field} holds a NUL character, half a surrogate pair, or a number that is not finite.`,
			);
	}
	return null;
}

export const NAME_LENGTH = 200;

/** A name that a person can read and type: not empty, one line, not endless. */
export function refuseName(name: string, field = 'name'): InvalidInput | null {
	if (name.trim() === '') return invalidInput(field, 'The name is empty.');
	if (name.length > NAME_LENGTH) return invalidInput(field, `The name is longer than ${NAME_LENGTH} characters.`);
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
	if (/[\u0000-\u001f\u007f]/.test(name)) return invalidInput(field, 'The name holds a control character.');
	return refuseUnstorable({ [field]: name });
}
