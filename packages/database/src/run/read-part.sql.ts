import type { Session } from '../connection/index.js';
import { filterSql } from './filter-sql.js';
import type { ListedRun, RunListPart } from './list-runs.sql.js';
import { LIVE, narrowSql } from './narrow-sql.js';
import type { Narrow } from './narrows.js';
import { orderSql, type RunKey, type RunOrderField } from './order-sql.js';
import type { RunEntity } from './run.entity.js';
import { RUN_COLUMNS, toRun } from './run-row.js';
import { among, leadSql, type RunSource, sorted, walked } from './run-sources-sql.js';
import { SqlParams } from './sql-params.js';

/** What a look at a part of the list found. `end`: the key of the run that was looked at last; null: there are none behind it. */
export interface Found {
	readonly items: readonly ListedRun[];
	readonly end: RunKey | null;
}

/** The first runs of the part, of the next `budget` in its order, or of those of them that are in a set. */
export async function walkRuns(
	session: Session,
	part: RunListPart,
	budget: number,
	narrow: Narrow | null = null,
): Promise<Found> {
	const params = new SqlParams();
	const { last, ...source } = walked(part, budget, narrow, params);
	const [walk, order] = legSql(part, source, params);
	const listed = hasLive(part) ? `(${walk}) UNION ALL (${liveSql(part, params)})` : walk;
	// One row at the least, so that the end is known of a look that found nothing. Where the page is full nobody asks for it.
	const text = `WITH last AS MATERIALIZED (${last}), page AS MATERIALIZED (${pageSql(listed, order, part)})
		SELECT ${RUN_COLUMNS}, ${keySql(part)} AS key,
			CASE WHEN (SELECT count(*) FROM page) < ${part.limit} THEN (SELECT last.key FROM last) END AS "end"
		FROM (SELECT) AS once LEFT JOIN page ON true LEFT JOIN run ON run.id = key_id ORDER BY ${order}`;
	const rows = await session.query<Row>({ name: '', text }, params.values);
	return { items: rows.filter(({ id }) => id !== null).map(toListed), end: rows[0]?.end ?? null };
}

/** How many of the next `budget` runs of the part pass. */
export async function countWalked(session: Session, part: RunListPart, budget: number) {
	const params = new SqlParams();
	const { last, from, where } = walked(part, budget, null, params);
	const passing = `SELECT FROM ${from} WHERE ${[...where, filterSql(part.filter, params)].join(' AND ')} LIMIT ${part.limit}`;
	const text = `WITH last AS MATERIALIZED (${last})
		SELECT (SELECT count(*) FROM (${passing}) AS passing) AS count, (SELECT last.key FROM last) AS "end"`;
	const [row] = await session.query<{ count: number; end: RunKey | null }>({ name: '', text }, params.values);
	return row ?? { count: 0, end: null };
}

/**
 * Of the next `budget` runs by the first field, from the cursor's value on, or from behind all that have it: up to which value they
 * are all that there are (null: to the end), or that they all have one value, and whether it is the cursor's.
 */
export async function tiesOf(session: Session, part: RunListPart, budget: number, isBehind: boolean): Promise<Ties> {
	const params = new SqlParams();
	const lead = part.orderBy[0] as RunOrderField;
	const { kept, where } = leadSql(part, lead, params);
	const from = part.after?.[0] ?? null;
	const later = `${lead.direction === 'ASC' ? '>' : '<'}${isBehind ? '' : '='}`;
	const begun = from === null ? [] : [`${kept.value} ${later} ${params.add(from, kept.type)}`];
	const conditions = [...where, ...begun];
	const backwards = lead.direction === 'ASC' ? 'DESC' : 'ASC';
	const limit = params.add(budget, 'integer');
	const isAfters = from === null ? 'false' : `(SELECT last.value = ${params.add(from, kept.type)} FROM last)`;
	const text = `WITH step AS MATERIALIZED (SELECT ${kept.value} AS value FROM ${kept.from} WHERE ${conditions.join(' AND ') || 'true'}
			ORDER BY ${kept.value} ${lead.direction}, ${kept.id} ${lead.direction} LIMIT ${limit}),
		last AS MATERIALIZED (SELECT value FROM step ORDER BY value ${backwards} LIMIT 1),
		whole AS MATERIALIZED (SELECT step.value FROM step, last WHERE step.value <> last.value ORDER BY step.value ${backwards} LIMIT 1)
		SELECT (SELECT count(*) FROM step) >= ${limit} AS "isCut", (SELECT value::text FROM last) AS last,
			(SELECT value::text FROM whole) AS whole, ${isAfters} AS "isAfters"`;
	const [row] = await session.query<TiesRow>({ name: '', text }, params.values);
	if (!row?.isCut) return { isOne: false, until: null, isAfters: false };
	const { last, whole, isAfters: same } = row;
	return whole === null
		? { isOne: true, until: last, isAfters: same }
		: { isOne: false, until: whole, isAfters: false };
}
interface Ties {
	readonly isOne: boolean;
	readonly until: string | null;
	readonly isAfters: boolean;
}
interface TiesRow {
	readonly isCut: boolean;
	readonly last: string | null;
	readonly whole: string | null;
	readonly isAfters: boolean;
}

/** The first runs of the part, of those that are in the set, which is read whole. */
export async function gatherRuns(session: Session, part: RunListPart, narrow: Narrow): Promise<Found> {
	const params = new SqlParams();
	const source = sorted(part, 'SELECT run_id FROM candidate', params);
	const candidates = `WITH candidate AS MATERIALIZED (${narrowSql(narrow, params)}) `;
	const [leg, order] = legSql(part, source, params);
	const text = `${candidates} SELECT ${RUN_COLUMNS}, ${keySql(part)} AS key
		FROM (${pageSql(leg, order, part)}) AS page JOIN run ON run.id = key_id ORDER BY ${order}`;
	const rows = await session.query<Row>({ name: '', text }, params.values);
	return { items: rows.map(toListed), end: null };
}

type Row = RunEntity & { readonly key: (string | null)[]; readonly end: (string | null)[] | null };
const toListed = (row: Row): ListedRun => ({ run: toRun(row), key: row.key });

/** Of a metric the index has the runs that nobody holds; those at work are few. */
export const hasLive = ({ orderBy }: RunListPart): boolean => orderBy[0]?.field.kind === 'metric';

/** The runs at work that stand before the end of a look. */
function liveSql(part: RunListPart, params: SqlParams): string {
	const live = among(part, LIVE, params);
	const further = part.idDirection === 'ASC' ? '>' : '<';
	const behind = `NOT EXISTS (SELECT FROM last WHERE (${live.keys[0]?.text}, run.id) ${further} (last.value, last.id))`;
	return legSql(part, { ...live, where: [...live.where, behind] }, params)[0];
}

/** The keys of the first runs of a source that pass the filter; and their order, by the names that they have here. */
function legSql(part: RunListPart, source: RunSource, params: SqlParams): readonly [string, string] {
	const where = [...source.where, filterSql(part.filter, params)].join(' AND ');
	const named = source.keys.map(({ text }, at) => `${text} AS key_${at}`);
	const leg = `SELECT ${[...named, `${source.id} AS key_id`].join(', ')} FROM ${source.from}
		WHERE ${where} ORDER BY ${orderSql(source.keys, source.id, part.idDirection)} LIMIT ${part.limit}`;
	const names = source.keys.map((key, at) => ({ ...key, text: `key_${at}` }));
	return [leg, orderSql(names, 'key_id', part.idDirection)];
}

const keySql = ({ orderBy }: RunListPart) =>
	`ARRAY[${[...orderBy.map((_, at) => `key_${at}::text`), 'key_id::text'].join(', ')}]`;

/** The rows themselves are read last, for the page alone. */
const pageSql = (listed: string, order: string, { limit }: RunListPart) =>
	`SELECT * FROM (${listed}) AS listed ORDER BY ${order} LIMIT ${limit}`;
