import { RUN_STATUSES } from '../run/run-status.js';
import { RUN_FILTER_COLUMNS, type RunFilterField, type RunFilterOperator, type RunFilterValue } from './run-filter.js';
import { FilterSyntaxError, type Token } from './tokens.js';

const POINTS = ['best', 'last', 'min', 'max'] as const;

/** The field that a word names. */
export function fieldOf(token: Token & { readonly kind: 'word' }): RunFilterField {
	const [root, ...rest] = token.parts;
	if (root === 'tag' && rest.length === 0) return { kind: 'tag' };
	if (root === 'config' && rest.length > 0) return { kind: 'config', path: rest };
	if (root === 'metric') {
		const at = POINTS.find((point) => point === rest.at(-1));
		const key = rest.slice(0, -1).join('.');
		if (at === undefined || key === '') {
			throw new FilterSyntaxError(
				token.at,
				`a metric is written metric.<key>.<${POINTS.join('|')}>, not ${token.text}`,
			);
		}
		return { kind: 'metric', key, at };
	}
	const name = rest.length === 0 ? RUN_FILTER_COLUMNS.find((column) => column === root) : undefined;
	if (name !== undefined) return { kind: 'column', name };
	throw new FilterSyntaxError(
		token.at,
		`there is no field ${token.text}; use config.<path>, metric.<key>.<point>, tag, ${RUN_FILTER_COLUMNS.join(', ')}`,
	);
}

/** Refuses comparisons that can have no meaning, so that the database never sees them. */
export function checkComparison(
	field: RunFilterField,
	operator: RunFilterOperator,
	value: RunFilterValue,
	at: number,
): void {
	const refuse = (message: string): never => {
		throw new FilterSyntaxError(at, message);
	};
	const equality = operator === '=' || operator === '!=';
	if (!equality && (value === null || typeof value === 'boolean')) refuse(`${operator} does not compare with ${value}`);
	if (field.kind === 'config') return;
	if (field.kind === 'metric') {
		if (value !== null && typeof value !== 'number') refuse('a metric compares with a number');
		return;
	}
	if (field.kind === 'tag' || field.name === 'name' || field.name === 'status') {
		const name = field.kind === 'tag' ? 'tag' : field.name;
		if (typeof value !== 'string') refuse(`${name} compares with a text in quotes`);
		if (!equality && name !== 'name') refuse(`${name} takes =, != and in`);
		if (name === 'status' && !(RUN_STATUSES as readonly unknown[]).includes(value)) {
			refuse(`there is no status ${value}; there are ${RUN_STATUSES.join(', ')}`);
		}
		return;
	}
	if (field.name === 'seed') {
		if (value !== null && typeof value !== 'number') refuse('seed compares with a number');
		return;
	}
	if (value !== null && (typeof value !== 'string' || Number.isNaN(Date.parse(value)))) {
		refuse(`${field.name} compares with an instant such as "2030-01-31T12:00:00Z"`);
	}
}
