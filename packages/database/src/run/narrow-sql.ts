import { KEPT_CHARACTERS, type Narrow, type RunSet, type StretchSet, type ValueSet } from './narrows.js';
import { type RunValues, runValues } from './run-value-sql.js';
import type { SqlParams } from './sql-params.js';

/** A SELECT of `run_id` of the runs that meet the condition, each once. */
export const narrowSql = (narrow: Narrow, params: SqlParams): string =>
	narrow.map((set) => `(${setSql(set, params)})`).join(' UNION ');

/**
 * The same of a set that was counted just now, for a test of membership. The limit is none for so small a set; without it the planner
 * takes a third of a table for the share that passes a comparison, and does not hash what it believes to be too large.
 */
export const smallNarrowSql = (narrow: Narrow, params: SqlParams): string =>
	`SELECT run_id FROM (${narrowSql(narrow, params)}) AS small LIMIT ${HASHED_RUNS}`;
const HASHED_RUNS = 100_000;

/** How many runs meet the condition, up to about `limit`: a run in two of the sets counts twice. */
export function sizeSql(narrow: Narrow, limit: string, params: SqlParams): string {
	const sets = narrow.map((set) => `(${setSql(set, params, limit)})`).join(' UNION ALL ');
	return `(SELECT count(*) FROM (SELECT FROM (${sets}) AS listed LIMIT ${limit}) AS counted)`;
}

/** With a limit in the order of the index, from which the planner could be led away by what it believes of the set's size. */
function setSql(set: RunSet, params: SqlParams, limit?: string): string {
	const first = (by: string) => (limit === undefined ? '' : `ORDER BY ${by} LIMIT ${limit}`);
	if ('id' in set)
		return `SELECT run.id AS run_id FROM run WHERE run.${set.kind}_id = ${params.add(set.id, 'uuid')} ${first(`run.${set.kind}_id`)}`;
	if (!('field' in set)) return set.kind === 'live' ? LIVE : `${TRASH} ${first('run.deleted_at')}`;
	const kept = runValues(set.field, params);
	const is = set.kind === 'stretch' ? stretchSql(set, kept, params) : [isInSql(set, kept, params)];
	const where = [...kept.where, ...is].join(' AND ') || 'true';
	const select = `SELECT ${kept.id} AS run_id FROM ${kept.from} WHERE ${where} ${first(kept.value)}`;
	// The summaries of a run at work are not kept there; such runs are as many as there are slots.
	return set.field.kind === 'metric' ? `(${select}) UNION ALL ${LIVE}` : select;
}

const TRASH = 'SELECT run.id AS run_id FROM run WHERE run.deleted_at IS NOT NULL';
export const LIVE = 'SELECT live.run_id FROM attempt AS live WHERE live.ended_at IS NULL';

/** The conditions under which a kept value lies in the stretch. */
function stretchSql(
	{ direction, from, isOpen, to }: StretchSet,
	{ value, type }: RunValues,
	params: SqlParams,
): string[] {
	const [later, sooner] = direction === 'ASC' ? ['>', '<='] : ['<', '>='];
	const begun = from === null ? [] : [`${value} ${later}${isOpen ? '' : '='} ${params.add(from, type)}`];
	return to === null ? begun : [...begun, `${value} ${sooner} ${params.add(to, type)}`];
}

/** The condition of a set, of a value that is kept. */
export function isInSql(
	{ operator, values }: ValueSet,
	{ value, type, isInstant }: RunValues,
	params: SqlParams,
): string {
	const terms = values.map((one) => {
		if (one === null) return 'true';
		if (isInstant) return `${value} ${operator} ${instantSql(params.add(one, 'timestamptz'), type)}`;
		const json = () => JSON.stringify(typeof one === 'string' ? cut(one) : one);
		return `${value} ${operator} ${params.add(type === 'jsonb' ? json() : one, type)}`;
	});
	return `(${terms.join(' OR ') || 'false'})`;
}

/** As the table keeps it: the first characters, and not half of one. */
const cut = (text: string) => [...text].slice(0, KEPT_CHARACTERS).join('');

/** As the triggers keep it: a number of microseconds. */
const instantSql = (instant: string, type: RunValues['type']) =>
	type === 'jsonb' ? `to_jsonb((extract(epoch FROM ${instant}) * 1000000)::bigint)` : instant;
