import type { Database, Session, Statement } from '../connection/index.js';
import { decodeBatch } from './batch-codec.js';
import { type BatchPosition, type BatchRange, POINTS_PER_READ, seriesOf } from './batch-range.js';
import { findExperimentsOfRuns } from './find-experiments-of-runs.sql.js';
import { readCompactedAfter } from './read-compacted-after.sql.js';

/**
 * The next batches of a run: whole ones, of one attempt, until they hold $5 points. So a reader that fell behind gets few
 * large frames, and one read never takes more memory than one batch and $5 points. `keepTo`: a later attempt that resumed
 * from a step supersedes what comes after that step, one that began anew (null) supersedes everything. `compacted`: the next
 * points are in chunks, and this answer is of no use.
 */
const nextBatches: Statement = {
	name: 'next-metric-batches',
	text: `
		WITH place AS (
			SELECT attempt, bool_or(chunk) AS compacted FROM (
				(SELECT attempt, true AS chunk FROM metric_chunk
				WHERE experiment_id = $1 AND run_id = $2 AND (attempt, last_sequence) > ($3, $4)
				ORDER BY attempt, last_sequence LIMIT 1)
				UNION ALL
				(SELECT attempt, false FROM metric_batch
				WHERE experiment_id = $1 AND run_id = $2 AND (attempt, sequence) > ($3, $4)
				ORDER BY attempt, sequence LIMIT 1)
			) AS next GROUP BY attempt ORDER BY attempt LIMIT 1
		), batch AS (
			SELECT sequence, body FROM (
				SELECT sequence, body, sum(points) OVER (ORDER BY sequence) - points AS before
				FROM metric_batch JOIN place USING (attempt)
				WHERE experiment_id = $1 AND run_id = $2 AND NOT place.compacted
					AND sequence > CASE WHEN place.attempt = $3 THEN $4::bigint ELSE 0 END
					AND sequence <= $6
				ORDER BY sequence LIMIT 512
			) AS counted WHERE before < $5
		)
		SELECT place.attempt, place.compacted, batch.sequence, batch.body,
			(SELECT min(coalesce(resumed_from_step, -1)) FROM attempt
				WHERE run_id = $2 AND number > place.attempt) AS "keepTo"
		FROM place LEFT JOIN batch ON true ORDER BY batch.sequence`,
};

interface BatchRow {
	readonly attempt: number;
	readonly compacted: boolean;
	readonly sequence: number | null;
	readonly body: Buffer | null;
	readonly keepTo: number | null;
}

/**
 * What is stored of a run after a position, or null where there is nothing. With `until` the range ends exactly there:
 * a reader that was cut in the middle of a range gets the same one again, compacted or not.
 */
export async function readBatchesAfter(
	database: Database,
	runId: string,
	after: BatchPosition,
	until: BatchPosition | null,
): Promise<BatchRange | null> {
	const experimentId = (await findExperimentsOfRuns(database, [runId])).get(runId);
	if (experimentId === undefined) return null;
	const from = until === null || until.attempt === after.attempt ? after : { attempt: until.attempt, sequence: 0 };
	const rows = await nextRows(database, experimentId, runId, from, until);
	const [first] = rows;
	if (first === undefined) return null;
	if (first.compacted)
		return readCompactedAfter(database, { experimentId, runId, after: from, until, attempt: first.attempt });
	const stored = rows.flatMap(({ sequence, body }) => (sequence === null || body === null ? [] : [{ sequence, body }]));
	const upTo = until ?? { attempt: first.attempt, sequence: stored.at(-1)?.sequence ?? from.sequence };
	return {
		upTo,
		series: seriesOf(
			stored.flatMap(({ body }) => decodeBatch(body)),
			first.keepTo,
		),
	};
}

function nextRows(
	session: Session,
	experimentId: string,
	runId: string,
	{ attempt, sequence }: BatchPosition,
	until: BatchPosition | null,
): Promise<readonly BatchRow[]> {
	const limits =
		until === null ? [POINTS_PER_READ, Number.MAX_SAFE_INTEGER] : [Number.MAX_SAFE_INTEGER, until.sequence];
	return session.query<BatchRow>(nextBatches, [experimentId, runId, attempt, sequence, ...limits]);
}
