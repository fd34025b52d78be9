import type { Database, Statement } from '../connection/index.js';
import { closeChunks } from './close-chunks.js';
import type { CompactionCandidate } from './compact.sql.js';
import { groupBy } from './group-by.js';
import { bySeries, insertChunks, placed, type StoredBatch } from './place-chunks.sql.js';

/** The lock of `compactAttempt`, for each of them. Answers those that nobody else is at. */
const lock: Statement = {
	name: 'lock-compactions',
	text: `
		SELECT run_id AS "runId", attempt FROM unnest((SELECT $1::uuid[]), (SELECT $2::integer[])) AS given (run_id, attempt)
		WHERE pg_try_advisory_xact_lock(hashtextextended('compact ' || run_id || ' ' || attempt, 0))`,
};
/** Who held the lock before may have left chunks: what is left of such an attempt joins those, one by one. */
const take: Statement = {
	name: '',
	text: `
		DELETE FROM metric_batch AS batch
		WHERE experiment_id = $1 AND run_id = ANY($2::uuid[])
			AND (run_id, attempt) IN (SELECT * FROM unnest($2::uuid[], $3::integer[]))
			AND NOT EXISTS (SELECT FROM metric_chunk AS chunk WHERE chunk.experiment_id = $1
				AND chunk.run_id = batch.run_id AND chunk.attempt = batch.attempt)
		RETURNING run_id AS "runId", attempt, sequence, body`,
};

type Attempt = Pick<CompactionCandidate, 'runId' | 'attempt'>;

/**
 * Moves all batches of short attempts that have ended into chunks, in one transaction; answers the points that were moved. As
 * `compactAttempt` for each (`isWhole`, of one experiment, of few points), at a fraction of what that takes: a sweep of short
 * trials ends dozens of attempts a second.
 */
export async function compactTogether(
	database: Database,
	experimentId: string,
	attempts: readonly Attempt[],
): Promise<number> {
	return database.transaction(async (session) => {
		const free = await session.query<Attempt>(lock, columns(attempts));
		if (free.length === 0) return 0;
		const rows = await session.query<Attempt & StoredBatch>(take, [experimentId, ...columns(free)]);
		const batches = groupBy(rows, idOf);
		const chunks = free.flatMap(({ runId, attempt }) => {
			return [...bySeries(batches.get(idOf({ runId, attempt })) ?? [])].flatMap(([key, all]) =>
				placed({ runId, attempt, key }, 0, closeChunks(all, { after: null, ended: true })),
			);
		});
		if (chunks.length > 0) await insertChunks(session, experimentId, chunks);
		return chunks.reduce((sum, { points }) => sum + points.steps.length, 0);
	});
}

const idOf = ({ runId, attempt }: Attempt): string => `${runId} ${attempt}`;

const columns = (attempts: readonly Attempt[]) => [
	attempts.map(({ runId }) => runId),
	attempts.map(({ attempt }) => attempt),
];
