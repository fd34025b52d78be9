import type { Json } from '@graft/domain/json';

/** Names of the numbers that JSON has no text for. */
const NAMES = new Map<string, number>([
	['NaN', Number.NaN],
	['Infinity', Number.POSITIVE_INFINITY],
	['-Infinity', Number.NEGATIVE_INFINITY],
	['-0', -0],
]);
const KEY = '$number';

/** JSON that brings back every number as it was: a sum that is NaN or -0 must not come back as null or 0. */
export function toExactJson(value: Json): string {
	return JSON.stringify(value, (_, item: unknown) => {
		if (typeof item !== 'number') return item;
		if (Object.is(item, -0)) return { [KEY]: '-0' };
		return Number.isFinite(item) ? item : { [KEY]: String(item) };
	});
}

export function fromExactJson(text: string): Json {
	return JSON.parse(text, (_, item: unknown) => {
		const name = typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[KEY] : undefined;
		return typeof name === 'string' ? (NAMES.get(name) ?? item) : item;
	});
}
