import type { RunFilterExpression, RunFilterOperator, RunFilterValue } from '@graft/domain/run-filter';
import { runValues, type ValueField } from './run-value-sql.js';
import type { SqlParams } from './sql-params.js';

/**
 * Conditions that follow from a filter and that the indexes of run values answer, so that a filter that few runs meet does
 * not read all of them. They say less than the filter, which stands beside them.
 */
export function narrowSql(expression: RunFilterExpression, params: SqlParams): string[] {
	if (expression.kind === 'and') return expression.terms.flatMap((term) => narrowSql(term, params));
	if (expression.kind === 'compare') return within(expression.field, expression.operator, [expression.value], params);
	return expression.kind === 'in' ? within(expression.field, '=', expression.values, params) : [];
}

function within(
	field: Extract<RunFilterExpression, { kind: 'compare' }>['field'],
	operator: RunFilterOperator,
	values: readonly RunFilterValue[],
	params: SqlParams,
): string[] {
	if (field.kind !== 'config' && field.kind !== 'metric') return [];
	if (operator === '!=' || !isKept(field) || !values.every((value) => isOrdered(value, operator))) return [];
	const source = runValues(field, params);
	const terms = values.map((value) => {
		const param =
			field.kind === 'metric'
				? params.add(value, 'double precision')
				: params.add(JSON.stringify(typeof value === 'string' ? cut(value) : value), 'jsonb');
		return `kept.value ${operator} ${param}`;
	});
	return [`run.id IN (SELECT kept.run_id FROM ${source} AS kept WHERE ${terms.join(' OR ')})`];
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
