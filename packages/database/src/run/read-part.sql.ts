import type { Session } from '../connection/index.js';
import { filterSql } from './filter-sql.js';
import type { ListedRun, RunListPart } from './list-runs.sql.js';
import { LIVE, narrowSql } from './narrow-sql.js';
import type { Narrow } from './narrows.js';
import { orderSql, type RunKey } from './order-sql.js';
import type { RunEntity } from './run.entity.js';
import { RUN_COLUMNS, toRun } from './run-row.js';
import { among, type RunSource, scanned, sorted, walked } from './run-sources-sql.js';
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
	const listed = hasLive(part) ? `(${walk}) UNION ALL (${liveSql(part, params, true)})` : walk;
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

/** The first runs of the part, of all that there are. */
export async function scanRuns(session: Session, part: RunListPart): Promise<Found> {
	const params = new SqlParams();
	const [scan, order] = legSql(part, scanned(part, params), params);
	const listed = hasLive(part) ? `(${scan}) UNION ALL (${liveSql(part, params, false)})` : scan;
	return readAll(session, part, '', listed, order, params);
}

/** The first runs of the part, of those that are in the set, which is read whole. */
export async function gatherRuns(session: Session, part: RunListPart, narrow: Narrow): Promise<Found> {
	const params = new SqlParams();
	const source = sorted(part, 'SELECT run_id FROM candidate', params);
	const candidates = `WITH candidate AS MATERIALIZED (${narrowSql(narrow, params)}) `;
	const [leg, order] = legSql(part, source, params);
	return readAll(session, part, candidates, leg, order, params);
}

type Row = RunEntity & { readonly key: (string | null)[]; readonly end: (string | null)[] | null };
const toListed = (row: Row): ListedRun => ({ run: toRun(row), key: row.key });

async function readAll(
	session: Session,
	part: RunListPart,
	before: string,
	listed: string,
	order: string,
	params: SqlParams,
): Promise<Found> {
	const text = `${before} SELECT ${RUN_COLUMNS}, ${keySql(part)} AS key
		FROM (${pageSql(listed, order, part)}) AS page JOIN run ON run.id = key_id ORDER BY ${order}`;
	const rows = await session.query<Row>({ name: '', text }, params.values);
	return { items: rows.map(toListed), end: null };
}

/** Of a metric the index has the runs that nobody holds; those at work are few. */
const hasLive = ({ valued }: RunListPart) => valued.is === 'there' && valued.field.kind === 'metric';

/** The runs at work; of a look that ends at `last` those alone that stand before that. */
function liveSql(part: RunListPart, params: SqlParams, isBounded: boolean): string {
	const live = among(part, LIVE, params);
	const further = part.idDirection === 'ASC' ? '>' : '<';
	const behind = `NOT EXISTS (SELECT FROM last WHERE (${live.keys[0]?.text}, run.id) ${further} (last.value, last.id))`;
	return legSql(part, isBounded ? { ...live, where: [...live.where, behind] } : live, params)[0];
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
