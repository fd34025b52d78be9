import type { Run } from '@graft/domain/run';
import type { Session } from '../connection/index.js';
import { filterSql, type RunListFilter } from './filter-sql.js';
import { type Among, wantsMetric } from './narrow-sql.js';
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

/** One keyset page. */
export async function listRuns(
	session: Session,
	{ filter, orderBy, first, after }: RunListing,
): Promise<{ items: readonly ListedRun[]; hasNextPage: boolean }> {
	const lead = orderBy[0];
	if (lead === undefined) throw new Error('a list of runs has an order');
	const wanted = first + 1;
	const common = { filter, idDirection: lead.direction };
	const items: ListedRun[] = [];
	if (lead.field.kind === 'column') items.push(...(await read(session, { ...common, orderBy, after, limit: wanted })));
	else {
		// Two lists, one behind the other: an index serves the runs that have the value, the others have no order by it.
		if (after === null || after[0] !== null) {
			const valued = { field: lead.field, is: 'there' } as const;
			items.push(...(await read(session, { ...common, valued, orderBy, after, limit: wanted })));
		}
		if (items.length < wanted) {
			const valued = { field: lead.field, is: 'missing' } as const;
			const behind = after !== null && after[0] === null ? after.slice(1) : null;
			const part = { ...common, valued, orderBy: orderBy.slice(1), after: behind, limit: wanted - items.length };
			items.push(...(await read(session, part)).map(({ run, key }) => ({ run, key: [null, ...key] })));
		}
	}
	return { items: items.slice(0, first), hasNextPage: items.length > first };
}

/** A list is counted so far: the rest would cost more than it tells. */
export const COUNTED_RUNS = 10_000;

/** How many runs the list has; COUNTED_RUNS + 1 where there are more than that. */
export async function countListedRuns(session: Session, filter: RunListFilter): Promise<number> {
	const params = new SqlParams();
	const legs = amongOf(filter).map((among) => `SELECT ${FROM} WHERE ${filterSql(filter, params, among)}`);
	const text = `SELECT count(*) AS count FROM (${legs.join(' UNION ALL ')} LIMIT ${COUNTED_RUNS + 1}) AS listed`;
	const [row] = await session.query<{ count: number }>({ name: '', text }, params.values);
	return row?.count ?? 0;
}

interface Part {
	readonly filter: RunListFilter;
	/** Only runs that have, or have not, a value for the first order field. */
	readonly valued?: { readonly field: ValueField; readonly is: 'there' | 'missing' };
	readonly orderBy: readonly RunOrderField[];
	readonly idDirection: 'ASC' | 'DESC';
	readonly after: RunKey | null;
	readonly limit: number;
}

const EXPERIMENT = 'JOIN experiment ON experiment.id = run.experiment_id';
const FROM = `FROM run ${EXPERIMENT}`;
const amongOf = ({ where }: RunListFilter, field?: ValueField): readonly Among[] =>
	wantsMetric(where) || field?.kind === 'metric' ? ['settled', 'live'] : ['all'];

/** Each statement of a union stops at the limit by itself, in the order of its index. */
async function read(session: Session, part: Part): Promise<ListedRun[]> {
	const { filter, valued, orderBy, idDirection, limit } = part;
	const params = new SqlParams();
	const all = amongOf(filter, valued?.is === 'there' ? valued.field : undefined);
	const legs = all.map((among) => legSql(part, among, params));
	const names = orderBy.map((order, at) => ({ ...sqlKey(order, new SqlParams()), text: `key_${at}` }));
	const text = `SELECT * FROM (${legs.join(' UNION ALL ')}) AS listed ORDER BY ${orderSql(names, 'key_id', idDirection)} LIMIT ${params.add(limit, 'integer')}`;
	const rows = await session.query<RunEntity & { key: (string | null)[] }>({ name: '', text }, params.values);
	return rows.map((row) => ({ run: toRun(row), key: row.key }));
}

function legSql({ filter, valued, orderBy, idDirection, after, limit }: Part, among: Among, params: SqlParams): string {
	const where = [filterSql(filter, params, among)];
	const indexed = valued?.is === 'there' && among !== 'live';
	const from = indexed
		? `FROM ${runValues(valued.field, params)} AS valued JOIN run ON run.id = valued.run_id ${EXPERIMENT}`
		: FROM;
	const id = indexed ? 'valued.run_id' : 'run.id';
	const keys = orderBy.map((order, at): SqlKey => {
		if (at > 0 || valued?.is !== 'there') return sqlKey(order, params);
		if (!indexed) return { ...sqlKey(order, params), nullable: false };
		const type = valued.field.kind === 'config' ? 'jsonb' : 'double precision';
		return { text: 'valued.value', type, direction: idDirection, nullable: false };
	});
	if (valued?.is === 'there' && !indexed) where.push(`${keys[0]?.text} IS NOT NULL`);
	if (valued?.is === 'missing')
		where.push(`${sqlKey({ field: valued.field, direction: idDirection }, params).text} IS NULL`);
	if (after !== null) where.push(behindSql(keys, id, idDirection, after, params));
	const named = keys.map(({ text }, at) => `${text} AS key_${at}`);
	const texts = [...keys.map(({ text }) => text), id].map((text) => `${text}::text`).join(', ');
	return `(SELECT ${[RUN_COLUMNS, `ARRAY[${texts}] AS key`, ...named, `${id} AS key_id`].join(', ')}
		${from} WHERE ${where.join(' AND ')}
		ORDER BY ${orderSql(keys, id, idDirection)} LIMIT ${params.add(limit, 'integer')})`;
}
