import type { RunListPart } from './list-runs.sql.js';
import { isInSql, smallNarrowSql } from './narrow-sql.js';
import { isSame, type Narrow } from './narrows.js';
import { behindSql, orderSql, type SqlKey, sqlKey } from './order-sql.js';
import { runValues } from './run-value-sql.js';
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

/** Whether an index has the part's whole order, so that what lies behind a cut comes behind all that lies before it. */
export const isWalk = ({ valued, orderBy }: RunListPart): boolean =>
	orderBy.length === (valued.is === 'missing' ? 0 : 1);

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
	const { from, id, keys, where } = inOrder(part, params);
	const [key] = keys;
	const conditions = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
	const limit = params.add(budget, 'integer');
	const behind = (columns: string) =>
		`SELECT ${columns} FROM ${from} ${conditions} ORDER BY ${orderSql(keys, id, part.idDirection)} LIMIT ${limit}`;
	const steps = behind(key === undefined ? `${id} AS id` : `${id} AS id, ${key.text} AS value`);
	const step = key === undefined ? [] : [{ ...key, text: 'step.value' }];
	const last = `SELECT step.*, ARRAY[${[...step.map(({ text }) => `${text}::text`), 'step.id::text'].join(', ')}] AS key FROM (${steps}) AS step
		ORDER BY ${orderSql(step, 'step.id', part.idDirection)} OFFSET ${limit} - 1 LIMIT 1`;
	const lacking = isMissing(part, params);
	if (id === 'run.id' && narrow === null) return { last, from: `(${behind('*')}) AS run`, id, keys, where: lacking };
	// IS TRUE keeps it a test of each step: a join would lose the order, and look at all of them before the page is full.
	const within =
		narrow === null
			? steps
			: `SELECT * FROM (${steps}) AS step WHERE (step.id IN (${smallNarrowSql(narrow, params)})) IS TRUE`;
	return { last, from: `(${within}) AS step ${lookUp('step.id')}`, id: 'step.id', keys: step, where: lacking };
}

/** All of the part, in the order of its first field where an index has it. */
export function scanned(part: RunListPart, params: SqlParams): RunSource {
	const source = inOrder(part, params);
	const where = [...source.where, ...isMissing(part, params)];
	const from = source.id === 'run.id' ? source.from : `${source.from} JOIN run ON run.id = ${source.id}`;
	return { ...source, from, where };
}

/** The part's runs among those of `candidates`, a SELECT of `run_id`. */
export function among(part: RunListPart, candidates: string, params: SqlParams): RunSource {
	const { valued, orderBy, idDirection, after } = part;
	const keys = orderBy.map((order) => sqlKey(order, params));
	const there = valued.is === 'there' && keys[0]?.nullable ? [`${keys[0].text} IS NOT NULL`] : [];
	const lead = keys.map((key, at) => (at === 0 && valued.is === 'there' ? { ...key, nullable: false } : key));
	const behind = after === null ? [] : [behindSql(lead, 'run.id', idDirection, after, params)];
	return {
		from: `(${candidates}) AS candidate ${lookUp('candidate.run_id')}`,
		id: 'run.id',
		keys: lead,
		where: [...there, ...isMissing(part, params), ...behind],
	};
}

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
	const { valued, narrows, orderBy, idDirection, after, filter } = part;
	const kept = valued.is === 'there' ? runValues(valued.field, params) : null;
	const id = kept?.id ?? 'run.id';
	const keys = orderBy.map((order, at): SqlKey => {
		if (at > 0 || kept === null) return sqlKey(order, params);
		return { text: kept.value, type: kept.type, direction: order.direction, nullable: false };
	});
	const where = [...(kept?.where ?? [])];
	if (kept !== null && id === 'run.id' && filter.experimentId !== null)
		where.push(`run.experiment_id = ${params.add(filter.experimentId, 'uuid')}`);
	// A condition on what orders the list is a stretch of its index.
	for (const [set, another] of narrows)
		if (kept !== null && another === undefined && set?.kind === 'values' && isSame(set.field, valued.field))
			if (set.values.length === 1) where.push(isInSql(set, kept, params));
	if (after !== null) where.push(behindSql(keys, id, idDirection, after, params));
	return { from: kept?.from ?? 'run', id, keys, where };
}

function isMissing({ valued: { field, is } }: RunListPart, params: SqlParams): string[] {
	if (is === 'there') return [];
	if (field.kind !== 'value')
		return field.kind === 'metric' ? [`${sqlKey({ field, direction: 'ASC' }, params).text} IS NULL`] : ['false'];
	return [
		`NOT EXISTS (SELECT FROM run_value AS lacking WHERE lacking.run_id = run.id AND lacking.path = ${params.add(field.path, 'text')})`,
	];
}
