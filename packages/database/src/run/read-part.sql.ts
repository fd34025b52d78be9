import type { Session } from '../connection/index.js';
import { filterSql } from './filter-sql.js';
import type { ListedRun, RunListPart } from './list-runs.sql.js';
import { LIVE, type Narrow, narrowSql } from './narrow-sql.js';
import { orderSql } from './order-sql.js';
import type { RunEntity } from './run.entity.js';
import { RUN_COLUMNS, toRun } from './run-row.js';
import { among, type RunSource, scanned, walked } from './run-sources-sql.js';
import { SqlParams } from './sql-params.js';

/** The first runs of the part, of all that there are. */
export async function scanRuns(session: Session, part: RunListPart): Promise<readonly ListedRun[]> {
	const params = new SqlParams();
	return (await read(session, part, scanned(part, params), params)).items;
}

/** The first runs of the part, of the next `budget` in its order. `whole`: there are no more than these. */
export async function walkRuns(session: Session, part: RunListPart, budget: number) {
	const params = new SqlParams();
	const source = walked(part, budget, params);
	const { items, seen } = await read(session, part, source, params, source.steps);
	return { items, whole: seen < budget };
}

/** The first runs of the part, of those that are in all of the sets. */
export async function gatherRuns(session: Session, part: RunListPart, narrows: readonly Narrow[]) {
	const params = new SqlParams();
	const source = among(part, 'SELECT run_id FROM candidate', params);
	const common = `WITH candidate AS MATERIALIZED (${commonSql(narrows, params)}) `;
	const [leg, order] = legSql(part, source, params);
	const rows = await session.query<Row>({ name: '', text: common + pageSql(leg, order, part) }, params.values);
	return rows.map(toListed);
}

/**
 * A SELECT of the runs that are in all of the sets. INTERSECT hashes them whatever the planner believes of their sizes: of three sets
 * of half a million it took 1 s, where a join that believed them small looked up each of a million runs in 6 s.
 */
export function commonSql(narrows: readonly Narrow[], params: SqlParams): string {
	return narrows.map((narrow) => `(${narrowSql(narrow, params)})`).join(' INTERSECT ');
}

type Row = RunEntity & { readonly key: (string | null)[]; readonly seen: number };
const toListed = (row: Row): ListedRun => ({ run: toRun(row), key: row.key });

async function read(session: Session, part: RunListPart, source: RunSource, params: SqlParams, steps?: string) {
	const [first, order] = legSql(part, source, params);
	// Of a metric the index has the runs that nobody holds; those at work are few.
	const live = part.valued?.is === 'there' && part.valued.field.kind === 'metric';
	const legs = live ? [first, legSql(part, among(part, LIVE, params), params)[0]] : [first];
	const listed =
		legs.length === 1 ? first : `SELECT * FROM (${legs.map((leg) => `(${leg})`).join(' UNION ALL ')}) AS legs`;
	const text = pageSql(listed, order, part, steps);
	const rows = await session.query<Row>({ name: '', text }, params.values);
	return { items: rows.filter(({ id }) => id !== null).map(toListed), seen: rows[0]?.seen ?? 0 };
}

/** The keys of the first runs of a source that pass the filter; and their order, by the names that they have here. */
function legSql(part: RunListPart, source: RunSource, params: SqlParams): readonly [string, string] {
	const where = [...source.where, filterSql(part.filter, params)].join(' AND ');
	const named = source.keys.map(({ text }, at) => `${text} AS key_${at}`);
	const leg = `SELECT ${[...named, `${source.id} AS key_id`].join(', ')}
		FROM ${source.from} JOIN experiment ON experiment.id = run.experiment_id
		WHERE ${where} ORDER BY ${orderSql(source.keys, source.id, part.idDirection)} LIMIT ${part.limit}`;
	const names = source.keys.map((key, at) => ({ ...key, text: `key_${at}` }));
	return [leg, orderSql(names, 'key_id', part.idDirection)];
}

/** The rows themselves are read last, for the page alone. `steps`: a SELECT whose rows are counted beside it. */
function pageSql(listed: string, order: string, { orderBy, limit }: RunListPart, steps?: string): string {
	const keys = [...orderBy.map((_, at) => `key_${at}::text`), 'key_id::text'].join(', ');
	const page = `(SELECT * FROM (${listed}) AS listed ORDER BY ${order} LIMIT ${limit}) AS page`;
	const select = `SELECT ${RUN_COLUMNS}, ARRAY[${keys}] AS key`;
	if (steps === undefined) return `${select} FROM ${page} JOIN run ON run.id = key_id ORDER BY ${order}`;
	return `${select}, seen FROM (SELECT count(*) AS seen FROM (${steps}) AS steps) AS counted
		LEFT JOIN ${page} ON true LEFT JOIN run ON run.id = key_id ORDER BY ${order}`;
}
