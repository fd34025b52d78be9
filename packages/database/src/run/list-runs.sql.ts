import type { Run } from '@graft/domain/run';
import type { Session } from '../connection/index.js';
import { filterSql, type RunListFilter } from './filter-sql.js';
import { behindSql, orderSql, type RunKey, type RunOrderField, type SqlKey, sqlKey } from './order-sql.js';
import type { RunEntity } from './run.entity.js';
import { RUN_COLUMNS, toRun } from './run-row.js';
import { runValues, type ValueField } from './run-value-sql.js';
import { SqlParams } from './sql-params.js';

export interface RunListing {
	readonly filter: RunListFilter;
	/** At least one. Runs without a value come last in both directions. */
	readonly orderBy: readonly RunOrderField[];
	readonly first: number;
	/** The key of the run to go on after. */
	readonly after: RunKey | null;
}
export interface ListedRun {
	readonly run: Run;
	readonly key: RunKey;
}

const EXPERIMENT = 'JOIN experiment ON experiment.id = run.experiment_id';

/** One keyset page. */
export async function listRuns(
	session: Session,
	listing: RunListing,
): Promise<{ items: readonly ListedRun[]; hasNextPage: boolean }> {
	const { orderBy, first, after } = listing;
	const [lead, ...rest] = orderBy;
	const items: ListedRun[] = [];
	const wanted = first + 1;
	if (lead === undefined) throw new Error('a list of runs has an order');
	if (lead.field.kind === 'column') items.push(...(await readColumns(session, listing, wanted)));
	else {
		const { field, direction } = lead;
		// Two lists, one behind the other: an index serves the runs that have the value, the others have no order by it.
		if (after === null || after[0] !== null)
			items.push(...(await readValued(session, listing, field, direction, rest, wanted)));
		if (items.length < wanted) items.push(...(await readMissing(session, listing, lead, rest, wanted - items.length)));
	}
	return { items: items.slice(0, first), hasNextPage: items.length > first };
}

/** A list is counted so far: the rest would cost more than it tells. */
export const COUNTED_RUNS = 10_000;

/** How many runs the list has; COUNTED_RUNS + 1 where there are more than that. */
export async function countListedRuns(session: Session, filter: RunListFilter): Promise<number> {
	const params = new SqlParams();
	const where = filterSql(filter, params);
	const text = `SELECT count(*) AS count FROM (SELECT FROM run ${EXPERIMENT} WHERE ${where} LIMIT ${COUNTED_RUNS + 1}) AS listed`;
	const [row] = await session.query<{ count: number }>({ name: '', text }, params.values);
	return row?.count ?? 0;
}

interface Part {
	readonly from: string;
	readonly where: string;
	readonly keys: readonly SqlKey[];
	readonly id: string;
	readonly idDirection: 'ASC' | 'DESC';
	readonly after: RunKey | null;
	readonly limit: number;
}

async function read(session: Session, part: Part, params: SqlParams): Promise<ListedRun[]> {
	const { from, where, keys, id, idDirection, after, limit } = part;
	const behind = after === null ? '' : `AND ${behindSql(keys, id, idDirection, after, params)}`;
	const keyTexts = [...keys.map(({ text }) => `${text}::text`), `${id}::text`].join(', ');
	const text = `SELECT ${RUN_COLUMNS}, ARRAY[${keyTexts}] AS key FROM ${from} WHERE ${where} ${behind}
		ORDER BY ${orderSql(keys, id, idDirection)} LIMIT ${params.add(limit, 'integer')}`;
	const rows = await session.query<RunEntity & { key: (string | null)[] }>({ name: '', text }, params.values);
	return rows.map((row) => ({ run: toRun(row), key: row.key }));
}

function readColumns(session: Session, { filter, orderBy, after }: RunListing, limit: number): Promise<ListedRun[]> {
	const params = new SqlParams();
	const where = filterSql(filter, params);
	const keys = orderBy.map((order) => sqlKey(order, params));
	const idDirection = orderBy[0]?.direction ?? 'DESC';
	return read(session, { from: `run ${EXPERIMENT}`, where, keys, id: 'run.id', idDirection, after, limit }, params);
}

function readValued(
	session: Session,
	{ filter, after }: RunListing,
	field: ValueField,
	direction: 'ASC' | 'DESC',
	rest: readonly RunOrderField[],
	limit: number,
): Promise<ListedRun[]> {
	const params = new SqlParams();
	const from = `${runValues(field, params)} AS valued JOIN run ON run.id = valued.run_id ${EXPERIMENT}`;
	const where = filterSql(filter, params);
	const type = field.kind === 'config' ? ('jsonb' as const) : ('double precision' as const);
	const lead: SqlKey = { text: 'valued.value', type, direction, nullable: false };
	const keys = [lead, ...rest.map((order) => sqlKey(order, params))];
	return read(session, { from, where, keys, id: 'valued.run_id', idDirection: direction, after, limit }, params);
}

async function readMissing(
	session: Session,
	{ filter, after }: RunListing,
	lead: RunOrderField,
	rest: readonly RunOrderField[],
	limit: number,
): Promise<ListedRun[]> {
	const params = new SqlParams();
	const where = `${filterSql(filter, params)} AND ${sqlKey(lead, params).text} IS NULL`;
	const keys = rest.map((order) => sqlKey(order, params));
	const behind = after !== null && after[0] === null ? after.slice(1) : null;
	const part = { from: `run ${EXPERIMENT}`, where, keys, id: 'run.id', idDirection: lead.direction, limit };
	const listed = await read(session, { ...part, after: behind }, params);
	return listed.map(({ run, key }) => ({ run, key: [null, ...key] }));
}
