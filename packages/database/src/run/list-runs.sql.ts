import type { Run } from '@graft/domain/run';
import type { RunFilterField } from '@graft/domain/run-filter';
import type { Session } from '../connection/index.js';
import { filterSql, type RunListFilter } from './filter-sql.js';
import type { RunEntity } from './run.entity.js';
import { type SqlField, sqlField } from './run-field.js';
import { RUN_COLUMNS, toRun } from './run-row.js';
import { SqlParams } from './sql-params.js';

export interface RunOrderField {
	readonly field: Exclude<RunFilterField, { kind: 'tag' }>;
	readonly direction: 'ASC' | 'DESC';
}
export interface RunListing {
	readonly filter: RunListFilter;
	/** At least one. Runs without a value come last in both directions. */
	readonly orderBy: readonly RunOrderField[];
	readonly first: number;
	/** The key of the run to go on after: a text or null for each order field, then its id. */
	readonly after: readonly (string | null)[] | null;
}
export interface ListedRun {
	readonly run: Run;
	readonly key: readonly (string | null)[];
}

const FROM = 'FROM run JOIN experiment ON experiment.id = run.experiment_id';

/** One keyset page and the size of the whole list. */
export async function listRuns(
	session: Session,
	{ filter, orderBy, first, after }: RunListing,
): Promise<{ items: readonly ListedRun[]; hasNextPage: boolean; totalCount: number }> {
	const params = new SqlParams();
	const where = filterSql(filter, params);
	const counted = await session.query<{ count: number }>(
		{ name: '', text: `SELECT count(*) AS count ${FROM} WHERE ${where}` },
		params.values,
	);
	const keys = orderBy.map(({ field, direction }) => ({ ...sqlField(field, params), direction }));
	const idDirection = orderBy[0]?.direction ?? 'DESC';
	const behind = after === null ? 'true' : behindSql(keys, idDirection, after, params);
	const order = [...keys.map(({ text, direction }) => `${text} ${direction} NULLS LAST`), `run.id ${idDirection}`];
	const keyTexts = [...keys.map(({ text }) => `${text}::text`), 'run.id::text'].join(', ');
	const text = `SELECT ${RUN_COLUMNS}, ARRAY[${keyTexts}] AS key ${FROM}
		WHERE ${where} AND ${behind} ORDER BY ${order.join(', ')} LIMIT ${params.add(first + 1, 'integer')}`;
	const rows = await session.query<RunEntity & { key: (string | null)[] }>({ name: '', text }, params.values);
	return {
		items: rows.slice(0, first).map((row) => ({ run: toRun(row), key: row.key })),
		hasNextPage: rows.length > first,
		totalCount: counted[0]?.count ?? 0,
	};
}

type Key = SqlField & { readonly direction: 'ASC' | 'DESC' };

/** `(k1, k2, id)` behind `after`, for directions that may differ and keys that may be null. */
function behindSql(
	keys: readonly Key[],
	idDirection: 'ASC' | 'DESC',
	after: readonly (string | null)[],
	params: SqlParams,
): string {
	let condition = `run.id ${idDirection === 'ASC' ? '>' : '<'} ${params.add(after[keys.length] ?? null, 'uuid')}`;
	for (let at = keys.length - 1; at >= 0; at--) {
		const { text, type, direction } = keys[at] as Key;
		const value = after[at] ?? null;
		// Nulls come last: nothing but other nulls is behind one.
		if (value === null) condition = `(${text} IS NULL AND ${condition})`;
		else {
			const param = params.add(value, type);
			const further = `${text} ${direction === 'ASC' ? '>' : '<'} ${param}`;
			condition = `(${further} OR ${text} IS NULL OR (${text} = ${param} AND ${condition}))`;
		}
	}
	return condition;
}
