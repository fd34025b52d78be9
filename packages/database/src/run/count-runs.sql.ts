import type { Session } from '../connection/index.js';
import { filterSql, type RunListFilter } from './filter-sql.js';
import { type Narrow, narrowSql, narrowsOf } from './narrow-sql.js';
import { commonSql } from './read-part.sql.js';
import { SqlParams } from './sql-params.js';

/** The smallest of the sets and its size, where it has at most so many runs; else null. Each is counted as far as that. */
export async function leastOf(session: Session, narrows: readonly Narrow[], atMost: number) {
	const params = new SqlParams();
	const limit = params.add(atMost + 1, 'integer');
	const counts = narrows.map(
		(narrow) => `(SELECT count(*) FROM (${narrowSql(narrow, params, 'UNION ALL')} LIMIT ${limit}) AS counted)`,
	);
	const text = `SELECT ARRAY[${counts.join(', ')}]::integer[] AS sizes`;
	const sizes = (await session.query<{ sizes: number[] }>({ name: '', text }, params.values))[0]?.sizes ?? [];
	const size = Math.min(...sizes);
	const narrow = narrows[sizes.indexOf(size)];
	return size > atMost || narrow === undefined ? null : { narrow, size };
}

/** A list is counted so far: the rest would cost more than it tells. */
export const COUNTED_RUNS = 10_000;

/** How many runs the list has; COUNTED_RUNS + 1 where there are more than that. */
export async function countListedRuns(session: Session, filter: RunListFilter): Promise<number> {
	const params = new SqlParams();
	const narrows = narrowsOf(filter);
	const least = narrows.length < 2 ? null : await leastOf(session, narrows, COUNTED_RUNS);
	const candidates = least === null ? narrows : [least.narrow];
	const from =
		candidates.length === 0
			? 'run'
			: `(${commonSql(candidates, params)}) AS candidate
				CROSS JOIN LATERAL (SELECT * FROM run WHERE run.id = candidate.run_id LIMIT 1) AS run`;
	const text = `SELECT count(*) AS count FROM (
		SELECT FROM ${from} JOIN experiment ON experiment.id = run.experiment_id
		WHERE ${filterSql(filter, params)} LIMIT ${COUNTED_RUNS + 1}) AS listed`;
	const [row] = await session.query<{ count: number }>({ name: '', text }, params.values);
	return row?.count ?? 0;
}
