import type { RunFilterExpression, RunFilterOperator, RunFilterValue } from '@graft/domain/run-filter';
import { runValues, type ValueField } from './run-value-sql.js';
import type { SqlParams } from './sql-params.js';

/**
 * Conditions that follow from a filter and that the indexes of run values answer, so that a filter that few runs meet does
 * not read all of them. They say less than the filter, which stands beside them.
 */
export function narrowSql(expression: RunFilterExpression, params: SqlParams, among: Among): string[] {
	return leaves(expression)
		.filter(({ field }) => among === 'settled' || field.kind === 'config')
		.map((leaf) => withinSql(leaf, params));
}

/**
 * Which runs a statement reads. A metric's summaries are in an index for those that no attempt holds (`settled`); the
 * others (`live`) are as many as there are slots. One statement for both would have to read all before it can order them.
 */
export type Among = 'all' | 'settled' | 'live';

/** Whether the filter asks for a metric, so that only runs that have it pass. */
export const wantsMetric = (where: RunFilterExpression | null): boolean =>
	where !== null && leaves(where).some(({ field }) => field.kind === 'metric');

interface Leaf {
	readonly field: ValueField;
	readonly operator: RunFilterOperator;
	readonly values: readonly RunFilterValue[];
}

function leaves(expression: RunFilterExpression): Leaf[] {
	if (expression.kind === 'and') return expression.terms.flatMap(leaves);
	if (expression.kind !== 'compare' && expression.kind !== 'in') return [];
	const { field } = expression;
	const operator = expression.kind === 'in' ? '=' : expression.operator;
	const values = expression.kind === 'in' ? expression.values : [expression.value];
	if (field.kind !== 'config' && field.kind !== 'metric') return [];
	const answered = operator !== '!=' && isKept(field) && values.every((value) => isOrdered(value, operator));
	return answered ? [{ field, operator, values }] : [];
}

function withinSql({ field, operator, values }: Leaf, params: SqlParams): string {
	const source = runValues(field, params);
	const terms = values.map((value) => {
		const param =
			field.kind === 'metric'
				? params.add(value, 'double precision')
				: params.add(JSON.stringify(typeof value === 'string' ? cut(value) : value), 'jsonb');
		return `kept.value ${operator} ${param}`;
	});
	return `run.id IN (SELECT kept.run_id FROM ${source} AS kept WHERE ${terms.join(' OR ')})`;
}

/** A number as a name may point into a list, whose members have no row. */
const isKept = (field: ValueField) =>
	field.kind === 'metric' ||
	(field.path.every((name) => name !== '' && !name.includes('.') && !/^-?\d+$/.test(name)) &&
		Buffer.byteLength(field.path.join('.')) <= 500);

/** What stands before another text need not stand before it once both are cut. */
const isOrdered = (value: RunFilterValue, operator: RunFilterOperator) =>
	typeof value === 'number' || (operator === '=' && value !== null);

/** As the table keeps it: the first 200 characters, and not half of one. */
const cut = (text: string) => [...text].slice(0, 200).join('');
