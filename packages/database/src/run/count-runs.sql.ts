import type { Session } from '../connection/index.js';
import { filterSql, type RunListFilter } from './filter-sql.js';
import { narrowSql, sizeSql } from './narrow-sql.js';
import { type Narrow, narrowsOf } from './narrows.js';
import type { RunKey } from './order-sql.js';
import { countWalked } from './read-part.sql.js';
import { lookUp } from './run-sources-sql.js';
import { SqlParams } from './sql-params.js';

/** The smallest of the sets and its size, where it has at most so many runs; else null. Each is counted as far as that. */
export async function leastOf(session: Session, narrows: readonly Narrow[], atMost: number) {
	if (narrows.length === 0) return null;
	const params = new SqlParams();
	const limit = params.add(atMost + 1, 'integer');
	const counts = narrows.map((narrow) => sizeSql(narrow, limit, params));
	const text = `SELECT ARRAY[${counts.join(', ')}]::integer[] AS sizes`;
	const sizes = (await session.query<{ sizes: number[] }>({ name: '', text }, params.values))[0]?.sizes ?? [];
	const size = Math.min(...sizes);
	const narrow = narrows[sizes.indexOf(size)];
	return size > atMost || narrow === undefined ? null : { narrow, size };
}

/** A list is counted so far: the rest would cost more than it tells. */
export const COUNTED_RUNS = 10_000;

export interface RunCount {
	/** COUNTED_RUNS + 1 where there are more than that. */
	readonly count: number;
	/** There may be more: the count ended at one of its bounds. */
	readonly isLeast: boolean;
}

/** How far a count goes: as the search for a page does (search-runs.ts). */
export interface CountLooks {
	readonly gathered: number;
	readonly stretch: number;
	readonly ms: number;
	readonly now: () => number;
}
const COUNT_LOOKS: CountLooks = { gathered: 2_000, stretch: 5_000, ms: 40, now: () => performance.now() };

/** How many runs the list has: of a small set that has all of them, or of the newest, as far as time allows. */
export async function countListedRuns(session: Session, filter: RunListFilter, looks = COUNT_LOOKS): Promise<RunCount> {
	const began = looks.now();
	const narrows = narrowsOf(filter);
	const least = await leastOf(session, narrows, looks.gathered);
	if (least !== null) return { count: await countAmong(session, filter, least.narrow), isLeast: false };
	const orderBy = [{ field: { kind: 'column', name: 'queuedAt' }, direction: 'DESC' }] as const;
	let count = 0;
	let after: RunKey | null = null;
	do {
		const limit = COUNTED_RUNS + 1 - count;
		const part = { filter, narrows, held: [], orderBy, idDirection: 'DESC', after, limit } as const;
		const found: { count: number; end: RunKey | null } = await countWalked(session, part, looks.stretch);
		count += found.count;
		after = found.end;
	} while (after !== null && count <= COUNTED_RUNS && looks.now() - began < looks.ms);
	return { count, isLeast: after !== null || count > COUNTED_RUNS };
}

async function countAmong(session: Session, filter: RunListFilter, narrow: Narrow): Promise<number> {
	const params = new SqlParams();
	const text = `SELECT count(*) AS count FROM (${narrowSql(narrow, params)}) AS candidate ${lookUp('candidate.run_id')}
		WHERE ${filterSql(filter, params)}`;
	const [row] = await session.query<{ count: number }>({ name: '', text }, params.values);
	return row?.count ?? 0;
}
