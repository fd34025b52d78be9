import type { RunFilterExpression, RunFilterOperator, RunFilterValue } from '@graft/domain/run-filter';
import type { RunListFilter } from './filter-sql.js';
import { keptField, runValues, type ValueField } from './run-value-sql.js';
import type { SqlParams } from './sql-params.js';

/**
 * A condition that follows from a filter and that an index answers: the run is in one of these sets. It says no more than the
 * filter, which stands beside it.
 */
export type Narrow = readonly RunSet[];
type RunSet =
	| { readonly kind: 'experiment' | 'sweep'; readonly id: string }
	| { readonly kind: 'trash' }
	| {
			readonly kind: 'values';
			readonly field: ValueField;
			readonly operator: RunFilterOperator;
			readonly values: readonly RunFilterValue[];
	  };

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
	return where === null ? narrows : [...narrows, ...narrowsOfExpression(where)];
}

const equal = (path: string, values: readonly RunFilterValue[]): RunSet =>
	({ kind: 'values', field: { kind: 'value', path }, operator: '=', values }) as const;
const tagPath = (tag: string) => `.tag=${tag}`;

function narrowsOfExpression(expression: RunFilterExpression): readonly Narrow[] {
	if ('terms' in expression) {
		if (expression.kind === 'and') return expression.terms.flatMap(narrowsOfExpression);
		const terms = expression.terms.map((term) => narrowsOfExpression(term)[0]);
		return terms.some((term) => term === undefined) ? [] : [terms.flatMap((term) => term ?? [])];
	}
	if (expression.kind === 'not') return [];
	const { field } = expression;
	const operator = expression.kind === 'in' ? '=' : expression.operator;
	const values = expression.kind === 'in' ? expression.values : [expression.value];
	if (operator === '!=' || !values.every((value) => isOrdered(value, operator))) return [];
	if (field.kind === 'tag') return [values.map((tag) => equal(tagPath(String(tag)), [true]))];
	// Instants are kept as numbers, and compared as what they are.
	if (field.kind === 'column' && !['name', 'seed', 'status'].includes(field.name)) return [];
	if (field.kind === 'config' && !isKept(field.path)) return [];
	const kept = keptField(field, 'ASC');
	return kept === null ? [] : [[{ kind: 'values', field: kept, operator, values }]];
}

/** A number as a name may point into a list, whose members have no row. */
const isKept = (path: readonly string[]) =>
	path.every((name) => name !== '' && !name.includes('.') && !/^-?\d+$/.test(name)) &&
	Buffer.byteLength(path.join('.')) <= 500;

/** What stands before another text need not stand before it once both are cut. */
const isOrdered = (value: RunFilterValue, operator: RunFilterOperator) =>
	typeof value === 'number' || (operator === '=' && value !== null);

/** As the table keeps it: the first 200 characters, and not half of one. */
const cut = (text: string) => [...text].slice(0, 200).join('');

/** Whether a run without a value for the field cannot pass. */
export const demands = (narrows: readonly Narrow[], field: ValueField): boolean =>
	narrows.some((sets) => sets.every((set) => set.kind === 'values' && isSame(set.field, field)));
const isSame = (a: ValueField, b: ValueField) => JSON.stringify(a) === JSON.stringify(b);

/** A SELECT of `run_id` of the runs that meet the condition, each once. */
export function narrowSql(narrow: Narrow, params: SqlParams, join: 'UNION' | 'UNION ALL' = 'UNION'): string {
	return narrow.map((set) => `(${setSql(set, params)})`).join(` ${join} `);
}

function setSql(set: RunSet, params: SqlParams): string {
	if (set.kind === 'trash') return 'SELECT run.id AS run_id FROM run WHERE run.deleted_at IS NOT NULL';
	if (set.kind !== 'values')
		return `SELECT run.id AS run_id FROM run WHERE run.${set.kind}_id = ${params.add(set.id, 'uuid')}`;
	const { from, where, value, type } = runValues(set.field, params);
	const terms = set.values.map((one) => {
		const json = () => JSON.stringify(typeof one === 'string' ? cut(one) : one);
		return `${value} ${set.operator} ${params.add(type === 'jsonb' ? json() : one, type)}`;
	});
	const select = `SELECT kept.run_id FROM ${from} WHERE ${where} AND (${terms.join(' OR ') || 'false'})`;
	// The summaries of a run at work are not kept there; such runs are as many as there are slots.
	return set.field.kind === 'metric' ? `${select} UNION ALL ${LIVE}` : select;
}

export const LIVE = 'SELECT live.run_id FROM attempt AS live WHERE live.ended_at IS NULL';
