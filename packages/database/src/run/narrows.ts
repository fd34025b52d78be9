import { RUN_STATUSES, TERMINAL_STATUSES } from '@graft/domain/run';
import type { RunFilterExpression, RunFilterField, RunFilterOperator, RunFilterValue } from '@graft/domain/run-filter';
import type { RunListFilter } from './filter-sql.js';
import { keptField, type ValueField } from './run-value-sql.js';

/**
 * A condition that follows from a filter and that an index answers: the run is in one of these sets. It says no more than the
 * filter, which stands beside it.
 */
export type Narrow = readonly RunSet[];
export type RunSet =
	| { readonly kind: 'experiment' | 'sweep'; readonly id: string }
	| { readonly kind: 'trash' | 'live' }
	| StretchSet
	| ValueSet;
/** The runs with a value for which the comparison with one of `values` holds; `!=` goes with null, and says that there is a value. */
export interface ValueSet {
	readonly kind: 'values';
	readonly field: ValueField;
	readonly operator: RunFilterOperator;
	readonly values: readonly RunFilterValue[];
}

/** The runs with a value from one (`isOpen`: from behind it) to another, as keys have them, in the direction's order; null: however far. */
export interface StretchSet {
	readonly kind: 'stretch';
	readonly field: ValueField;
	readonly direction: 'ASC' | 'DESC';
	readonly from: string | null;
	readonly isOpen: boolean;
	readonly to: string | null;
}

/** Every such condition of a list's filter. */
export function narrowsOf(filter: RunListFilter): readonly Narrow[] {
	const { experimentId, sweepId, tags, where } = filter;
	const narrows: Narrow[] = filter.deleted ? [[{ kind: 'trash' }]] : [];
	if (experimentId !== null) narrows.push([{ kind: 'experiment', id: experimentId }]);
	if (sweepId !== null) narrows.push([{ kind: 'sweep', id: sweepId }]);
	const given = [filter.status, filter.strategy, filter.backboneIds, filter.datasetIds];
	for (const [at, path] of ['.status', '.strategy', '.backboneId', '.datasetId'].entries()) {
		const wanted = given[at] ?? null;
		if (wanted !== null) narrows.push([equal(path, wanted)]);
	}
	for (const tag of tags ?? []) narrows.push([equal(tagPath(tag), [true])]);
	return where === null ? narrows : [...narrows, ...narrowsOfExpression(where, true)];
}

const equal = (path: string, values: readonly RunFilterValue[]): ValueSet =>
	({ kind: 'values', field: { kind: 'value', path }, operator: '=', values }) as const;
const tagPath = (tag: string) => `.tag=${tag}`;

/** Of the expression where it `holds`, else of its opposite: `not (a or b)` is `not a and not b`. */
function narrowsOfExpression(expression: RunFilterExpression, holds: boolean): readonly Narrow[] {
	if (expression.kind === 'not') return narrowsOfExpression(expression.term, !holds);
	if ('terms' in expression) {
		if ((expression.kind === 'and') === holds)
			return expression.terms.flatMap((term) => narrowsOfExpression(term, holds));
		const terms = expression.terms.map((term) => narrowsOfExpression(term, holds)[0]);
		return terms.some((term) => term === undefined) ? [] : [terms.flatMap((term) => term ?? [])];
	}
	const { field } = expression;
	const operator = expression.kind === 'in' ? '=' : expression.operator;
	const values = expression.kind === 'in' ? expression.values : [expression.value];
	const sets = holds ? setsOf(field, operator, values) : setsOfOpposite(field, operator, values);
	return sets === null ? [] : [sets];
}

/** The sets of the runs for which the comparison holds with one of the values; null: no index has them. */
function setsOf(
	field: RunFilterField,
	operator: RunFilterOperator,
	values: readonly RunFilterValue[],
): readonly RunSet[] | null {
	const [value] = values;
	if (field.kind === 'tag') return operator === '=' ? values.map((tag) => equal(tagPath(String(tag)), [true])) : null;
	const name = field.kind === 'column' ? field.name : null;
	if (name === 'status')
		return [equal('.status', operator === '=' ? values : RUN_STATUSES.filter((status) => !values.includes(status)))];
	if (name === 'finishedAt' && value === null && operator === '=')
		return [
			equal(
				'.status',
				RUN_STATUSES.filter((status) => !(TERMINAL_STATUSES as readonly string[]).includes(status)),
			),
		];
	if (field.kind === 'config' && !isKept(field.path)) return null;
	const isInstant = name === 'queuedAt' || name === 'startedAt' || name === 'finishedAt';
	if (!values.every((one) => isOrdered(one, operator, isInstant))) return null;
	const set = { kind: 'values', field: keptField(field, 'ASC') } as const;
	if (operator !== '=' && operator !== '!=') return [{ ...set, operator, values }];
	if (operator === '=') return value === null ? null : [{ ...set, operator, values }];
	// A config's list or object has no row, and is another value than any that has.
	if (field.kind === 'config') return null;
	if (value === null) return [{ ...set, operator, values }];
	return [
		{ ...set, operator: '<', values },
		{ ...set, operator: '>', values },
	];
}

const OPPOSITES = { '=': '!=', '!=': '=', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

/** Of a field that a run may lack the opposite has the runs that lack it, of which no index knows. */
function setsOfOpposite(field: RunFilterField, operator: RunFilterOperator, values: readonly RunFilterValue[]) {
	const isStatus = field.kind === 'column' && field.name === 'status';
	const isThere = field.kind === 'column' && (field.name === 'name' || field.name === 'queuedAt');
	if (!isStatus && values.length > 1) return null;
	return isStatus || isThere || values[0] === null ? setsOf(field, OPPOSITES[operator], values) : null;
}

/** A number as a name may point into a list, whose members have no row. */
const isKept = (path: readonly string[]) =>
	path.every((name) => name !== '' && !name.includes('.') && !/^-?\d+$/.test(name)) &&
	Buffer.byteLength(path.join('.')) <= 500;

/** What stands before another text need not stand before it once both are cut. */
const isOrdered = (value: RunFilterValue, operator: RunFilterOperator, isInstant: boolean) =>
	isInstant || typeof value !== 'string' || operator === '=' || (operator === '!=' && value.length < KEPT_CHARACTERS);

export const KEPT_CHARACTERS = 200;

/** Whether a run without a value for the field cannot pass. */
export const demands = (narrows: readonly Narrow[], field: ValueField): boolean =>
	narrows.some((sets) => sets.every((set) => set.kind === 'values' && isSame(set.field, field)));
export const isSame = (a: ValueField, b: ValueField) => JSON.stringify(a) === JSON.stringify(b);
