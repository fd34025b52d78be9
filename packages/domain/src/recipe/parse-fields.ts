import { type InvalidInput, invalidInput } from '../error/index.js';

/** What one field may hold. */
export interface Rule<T> {
	/** Stands where the field is missing or null. */
	readonly otherwise: T;
	readonly allows: (value: unknown) => boolean;
	/** Ends the sentence "x is …". */
	readonly says: string;
}
export type Rules<T> = { readonly [K in keyof T]: Rule<T[K]> };

/** An object with exactly these fields, defaults filled in. `what` names it, such as "An early stopping". */
export function parseFields<T extends object>(
	json: unknown,
	rules: Rules<T>,
	field: string,
	what: string,
): T | InvalidInput {
	const names = Object.keys(rules) as (keyof T & string)[];
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		return invalidInput(field, `${what} is {${names.join(', ')}}, not ${JSON.stringify(json)}.`);
	}
	const unknown = Object.keys(json).find((name) => !Object.hasOwn(rules, name));
	if (unknown !== undefined) {
		return invalidInput(`${field}.${unknown}`, `${what} has no field ${unknown}; it has ${names.join(', ')}.`);
	}
	const parsed: Partial<T> = {};
	for (const name of names) {
		const value = (json as Partial<Record<string, unknown>>)[name] ?? rules[name].otherwise;
		if (value !== rules[name].otherwise && !rules[name].allows(value)) {
			return invalidInput(`${field}.${name}`, `${name} is ${rules[name].says}, not ${JSON.stringify(value)}.`);
		}
		parsed[name] = value as T[typeof name];
	}
	return parsed as T;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** A number from `min` to `max`, both allowed unless `open` says otherwise. */
export function number<T extends number | null>(
	otherwise: T,
	min: number,
	max: number,
	open: '' | '(' | ')' | '()' = '',
): Rule<T> {
	const from = open.startsWith('(') ? `above ${min}` : `from ${min}`;
	const to = open.endsWith(')') ? `below ${max}` : `up to ${max}`;
	return {
		otherwise,
		allows: (value) =>
			isNumber(value) &&
			(open.startsWith('(') ? value > min : value >= min) &&
			(open.endsWith(')') ? value < max : value <= max),
		says: `a number ${from} and ${to}`,
	};
}

export const wholeNumber = (otherwise: number, min: number, max: number): Rule<number> => ({
	otherwise,
	allows: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
	says: `a whole number from ${min} to ${max}`,
});

export const oneOf = <T extends string>(values: readonly T[], otherwise: NoInfer<T>): Rule<T> => ({
	otherwise,
	allows: (value) => (values as readonly unknown[]).includes(value),
	says: values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`,
});
