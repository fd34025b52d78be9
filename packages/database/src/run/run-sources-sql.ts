import type { RunListPart, Until } from './list-runs.sql.js';
import { isInSql, smallNarrowSql } from './narrow-sql.js';
import { isSame, type Narrow } from './narrows.js';
import { behindSql, orderSql, type RunOrderField, type SqlKey, sqlKey } from './order-sql.js';
import { keptField, runValues } from './run-value-sql.js';
import type { SqlParams } from './sql-params.js';

/** Where the runs of a part come from: a FROM that has `run`, what they are ordered by there, and what has to hold besides. */
export interface RunSource {
	readonly from: string;
	readonly id: string;
	readonly keys: readonly SqlKey[];
	readonly where: readonly string[];
}

/** A look-up for each row, whatever the planner believes of their number: the LIMIT keeps it from another join. */
export const lookUp = (id: string) => `CROSS JOIN LATERAL (SELECT * FROM run WHERE run.id = ${id} LIMIT 1) AS run`;

/**
 * The next `budget` runs in the order of an index, or those of them that are in a set, which is hashed. `last` is a SELECT of the `value`
 * and `id` of the last of so many, and of its key.
 */
export function walked(
	part: RunListPart,
	budget: number,
	narrow: Narrow | null,
	params: SqlParams,
): RunSource & { readonly last: string } {
	const { from, id, keys, where: begun } = inOrder(part, params);
	const [key] = keys;
	const conditions = begun.length === 0 ? '' : `WHERE ${begun.join(' AND ')}`;
	const limit = params.add(budget, 'integer');
	const behind = (columns: string) =>
		`SELECT ${columns} FROM ${from} ${conditions} ORDER BY ${orderSql(keys, id, part.idDirection)} LIMIT ${limit}`;
	const steps = behind(key === undefined ? `${id} AS id` : `${id} AS id, ${key.text} AS value`);
	const step = key === undefined ? [] : [{ ...key, text: 'step.value' }];
	const last = `SELECT step.*, ARRAY[${[...step.map(({ text }) => `${text}::text`), 'step.id::text'].join(', ')}] AS key FROM (${steps}) AS step
		ORDER BY ${orderSql(step, 'step.id', part.idDirection)} OFFSET ${limit} - 1 LIMIT 1`;
	const where = heldSql(part, params);
	if (id === 'run.id' && narrow === null) return { last, from: `(${behind('*')}) AS run`, id, keys, where };
	// IS TRUE keeps it a test of each step: a join would lose the order, and look at all of them before the page is full.
	const within =
		narrow === null
			? steps
			: `SELECT * FROM (${steps}) AS step WHERE (step.id IN (${smallNarrowSql(narrow, params)})) IS TRUE`;
	return { last, from: `(${within}) AS step ${lookUp('step.id')}`, id: 'step.id', keys: step, where };
}

/** The part's runs among those of `candidates`, a SELECT of `run_id`. */
export function among(part: RunListPart, candidates: string, params: SqlParams): RunSource {
	const { orderBy, idDirection, after, until } = part;
	const all = orderBy.map((order) => sqlKey(order, params));
	const [lead] = all;
	const there = lead?.nullable ? [`${lead.text} IS NOT NULL`] : [];
	const keys = all.map((key, at) => (at === 0 ? { ...key, nullable: false } : key));
	const behind = after === null ? [] : [behindSql(keys, 'run.id', idDirection, after, params)];
	const before = lead === undefined || until == null ? [] : [untilSql(lead, until, params)];
	return {
		from: `(${candidates}) AS candidate ${lookUp('candidate.run_id')}`,
		id: 'run.id',
		keys,
		where: [...there, ...heldSql(part, params), ...behind, ...before],
	};
}

const untilSql = ({ text, type, direction }: SqlKey, { value, isOpen }: Until, params: SqlParams) =>
	`${text} ${direction === 'ASC' ? '<' : '>'}${isOpen ? '' : '='} ${params.add(value, type)}`;

/** The same, put in order by what that takes alone, so that no more of them are looked at than the page needs. */
export function sorted(part: RunListPart, candidates: string, params: SqlParams): RunSource {
	const { from, id, keys, where } = among(part, candidates, params);
	const named = keys.map(({ text }, at) => `${text} AS key_${at}`);
	const placed = `SELECT ${[...named, `${id} AS id`].join(', ')} FROM ${from} WHERE ${where.join(' AND ') || 'true'}
		ORDER BY ${orderSql(keys, id, part.idDirection)}`;
	return {
		from: `(${placed}) AS step ${lookUp('step.id')}`,
		id: 'step.id',
		keys: keys.map((key, at) => ({ ...key, text: `step.key_${at}` })),
		where: [],
	};
}

/** Without a join to `run` where the index of a value has the order; what lies before the cursor is left out. */
function inOrder(part: RunListPart, params: SqlParams): RunSource {
	const { orderBy, idDirection, after } = part;
	const [lead] = orderBy;
	if (lead === undefined) {
		const behind = after === null ? [] : [behindSql([], 'run.id', idDirection, after, params)];
		return { from: 'run', id: 'run.id', keys: [], where: behind };
	}
	const { kept, where } = leadSql(part, lead, params);
	const keys = [{ text: kept.value, type: kept.type, direction: lead.direction, nullable: false }];
	if (after !== null) where.push(behindSql(keys, kept.id, idDirection, after, params));
	return { from: kept.from, id: kept.id, keys, where };
}

/** The kept values of the first field, as far as the filter says something of these very values. */
export function leadSql({ narrows, filter }: RunListPart, lead: RunOrderField, params: SqlParams) {
	const field = keptField(lead.field, lead.direction);
	const kept = runValues(field, params);
	const where = [...kept.where];
	if (field.kind === 'queuedAt' && filter.experimentId !== null)
		where.push(`run.experiment_id = ${params.add(filter.experimentId, 'uuid')}`);
	// A condition on what orders the list is a stretch of its index.
	for (const [set, another] of narrows)
		if (another === undefined && set?.kind === 'values' && isSame(set.field, field) && set.values.length === 1)
			where.push(isInSql(set, kept, params));
	return { kept, where };
}

/** What has to hold of `run` where fields before these have been fixed. */
function heldSql({ held }: RunListPart, params: SqlParams): string[] {
	return held.map(({ order, value }) => {
		const field = keptField(order.field, order.direction);
		if (value === null && field.kind === 'value')
			return `NOT EXISTS (SELECT FROM run_value AS lacking WHERE lacking.run_id = run.id AND lacking.path = ${params.add(field.path, 'text')})`;
		const { text, type } = sqlKey(order, params);
		return value === null ? `${text} IS NULL` : `${text} = ${params.add(value, type)}`;
	});
}
