import type { Session, Statement } from '../connection/index.js';

/** SKIP LOCKED: a run that is being restored, or purged by another API process, is left alone. */
const expired: Statement = {
	name: 'lock-expired-trash',
	text: `
		SELECT id FROM run
		WHERE deleted_at < now() - $1 * interval '1 second' AND status <> 'RUNNING'
		ORDER BY deleted_at LIMIT $2
		FOR UPDATE SKIP LOCKED`,
};

/** In the order of their foreign keys. A backbone that a run produced outlives it: its weights are its own. */
const record: readonly Statement[] = [
	// The log first: a compaction under way holds its rows, and what it makes of them is then seen by the second statement.
	...['metric_batch', 'metric_chunk'].map(
		(table) => `DELETE FROM ${table} AS gone USING run
			WHERE run.id = ANY($1::uuid[]) AND gone.experiment_id = run.experiment_id AND gone.run_id = run.id`,
	),
	'DELETE FROM metric_series WHERE run_id = ANY($1::uuid[])',
	'DELETE FROM run_value WHERE run_id = ANY($1::uuid[])',
	'DELETE FROM run_metric_value WHERE run_id = ANY($1::uuid[])',
	'DELETE FROM log_chunk WHERE run_id = ANY($1::uuid[])',
	'DELETE FROM run_event WHERE run_id = ANY($1::uuid[])',
	'UPDATE backbone SET produced_by_id = NULL WHERE produced_by_id = ANY($1::uuid[])',
].map((text, index) => ({ name: `purge-${index}`, text }));
const files: Statement = {
	name: 'purge-artifacts',
	text: 'DELETE FROM artifact WHERE run_id = ANY($1::uuid[]) RETURNING digest',
};
const rows: readonly Statement[] = [
	{ name: 'purge-attempts', text: 'DELETE FROM attempt WHERE run_id = ANY($1::uuid[])' },
	{ name: 'purge-runs', text: 'DELETE FROM run WHERE id = ANY($1::uuid[])' },
];

/** Removes runs that were deleted more than `seconds` ago, `limit` at the most, with all that they recorded. */
export async function purgeRuns(
	session: Session,
	seconds: number,
	limit: number,
): Promise<{ readonly ids: readonly string[]; readonly digests: readonly string[] }> {
	const ids = (await session.query<{ id: string }>(expired, [seconds, limit])).map(({ id }) => id);
	if (ids.length === 0) return { ids, digests: [] };
	for (const statement of record) await session.query(statement, [ids]);
	const digests = (await session.query<{ digest: string }>(files, [ids])).map(({ digest }) => digest);
	for (const statement of rows) await session.query(statement, [ids]);
	return { ids, digests };
}
