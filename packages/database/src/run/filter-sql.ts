import type { RunStatus } from '@graft/domain/run';
import type { RunFilterExpression, RunFilterField, RunFilterOperator, RunFilterValue } from '@graft/domain/run-filter';
import type { StrategyKind } from '@graft/domain/strategy';
import { sqlField } from './run-field.js';
import type { SqlParams } from './sql-params.js';

export interface RunListFilter {
	readonly experimentId: string | null;
	readonly sweepId: string | null;
	readonly status: readonly RunStatus[] | null;
	readonly strategy: readonly StrategyKind[] | null;
	readonly backboneIds: readonly string[] | null;
	readonly datasetIds: readonly string[] | null;
	/** All of them. */
	readonly tags: readonly string[] | null;
	readonly where: RunFilterExpression | null;
	/** Those in the trash; else all others. */
	readonly deleted?: boolean;
}

/** The condition of a run list. Needs `run` in the FROM. */
export function filterSql(filter: RunListFilter, params: SqlParams): string {
	const terms = [`run.deleted_at IS ${filter.deleted ? 'NOT ' : ''}NULL`];
	const add = (value: unknown, type: string, term: (param: string) => string) => {
		if (value !== null) terms.push(term(params.add(value, type)));
	};
	add(filter.experimentId, 'uuid', (id) => `run.experiment_id = ${id}`);
	add(filter.sweepId, 'uuid', (id) => `run.sweep_id = ${id}`);
	add(filter.status, 'text[]', (list) => `run.status = ANY(${list})`);
	add(filter.strategy, 'text[]', (list) => `run.strategy ->> 'kind' = ANY(${list})`);
	add(filter.backboneIds, 'uuid[]', (list) => `run.backbone_id = ANY(${list})`);
	add(filter.datasetIds, 'uuid[]', (list) => `run.dataset_id = ANY(${list})`);
	add(filter.tags, 'text[]', (list) => `run.tags @> ${list}`);
	if (filter.where !== null) terms.push(expressionSql(filter.where, params));
	return terms.join(' AND ');
}

/** Two-valued: a comparison with a value that is not there is false, so that its `not` is true. */
function expressionSql(expression: RunFilterExpression, params: SqlParams): string {
	switch (expression.kind) {
		case 'and':
		case 'or': {
			const terms = expression.terms.map((term) => expressionSql(term, params));
			return `(${terms.join(expression.kind === 'and' ? ' AND ' : ' OR ')})`;
		}
		case 'not':
			return `NOT ${expressionSql(expression.term, params)}`;
		case 'in':
			return `(${expression.values.map((value) => comparisonSql(expression.field, '=', value, params)).join(' OR ')})`;
		case 'compare':
			return comparisonSql(expression.field, expression.operator, expression.value, params);
	}
}

const SQL_OPERATORS: Readonly<Record<RunFilterOperator, string>> = {
	'=': '=',
	'!=': '<>',
	'<': '<',
	'<=': '<=',
	'>': '>',
	'>=': '>=',
};

function comparisonSql(
	field: RunFilterField,
	operator: RunFilterOperator,
	value: RunFilterValue,
	params: SqlParams,
): string {
	if (field.kind === 'tag') {
		const has = `(${params.add([value], 'text[]')} <@ run.tags)`;
		return operator === '!=' ? `NOT ${has}` : has;
	}
	const { text, type } = sqlField(field, params);
	if (value === null) {
		const there = type === 'jsonb' ? `coalesce(jsonb_typeof(${text}) <> 'null', false)` : `(${text} IS NOT NULL)`;
		return operator === '=' ? `NOT ${there}` : there;
	}
	// 1.5 is a fair question to an integer column.
	if (type === 'integer') return compared(text, operator, params.add(value, 'double precision'));
	if (type !== 'jsonb') return compared(text, operator, params.add(value, type));
	const json = params.add(JSON.stringify(value), 'jsonb');
	// jsonb sorts across types (any text is below any number), which is no answer to "less than 64".
	const sameType = `jsonb_typeof(${text}) = '${jsonType(value)}'`;
	if (operator === '!=') return `coalesce(jsonb_typeof(${text}) <> 'null' AND ${text} <> ${json}, false)`;
	return `coalesce(${sameType} AND ${text} ${SQL_OPERATORS[operator]} ${json}, false)`;
}

const compared = (text: string, operator: RunFilterOperator, value: string) =>
	`coalesce(${text} ${SQL_OPERATORS[operator]} ${value}, false)`;

function jsonType(value: string | number | boolean): string {
	return typeof value === 'string' ? 'string' : typeof value;
}
