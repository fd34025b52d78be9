import type { MetricPoints } from '@graft/domain/metric';
import type { Session, Statement } from '../connection/index.js';
import { decodeChunk, type StoredChunk } from './encode-chunk.js';
import { joinPoints, upToStep } from './join-points.js';

/** Batch `sequence` of attempt `attempt`; (0, 0) is before the first. */
export interface BatchPosition {
	readonly attempt: number;
	readonly sequence: number;
}

export interface BatchRange {
	/** The last batch that was read. */
	readonly upTo: BatchPosition;
	/**
	 * Every series of the range, sorted by key. Points that a later attempt has superseded are left out, so that a series
	 * may be empty.
	 */
	readonly series: readonly (MetricPoints & { readonly key: string })[];
}

/**
 * The next batches of a run: whole ones, of one attempt, until they hold $4 points. So a reader that fell behind gets few
 * large frames, and one read never takes more memory than one batch and $4 points. `keepTo`: a later attempt that resumed
 * from a step supersedes what comes after that step, one that began anew (null) supersedes everything.
 */
const nextRange: Statement = {
	name: 'next-metric-range',
	text: `
		WITH place AS (
			SELECT attempt FROM metric_chunk
			WHERE run_id = $1 AND (attempt, sequence) > ($2, $3)
			ORDER BY attempt, sequence LIMIT 1
		), batch AS (
			SELECT sequence, sum(sum(count)) OVER (ORDER BY sequence) - sum(count) AS points_before
			FROM metric_chunk JOIN place USING (attempt)
			WHERE run_id = $1 AND sequence > CASE WHEN place.attempt = $2 THEN $3::bigint ELSE 0 END
			GROUP BY sequence ORDER BY sequence LIMIT 512
		)
		SELECT place.attempt,
			(SELECT max(sequence) FROM batch WHERE points_before < $4) AS "to",
			(SELECT min(coalesce(resumed_from_step, -1)) FROM attempt
				WHERE run_id = $1 AND number > place.attempt) AS "keepTo"
		FROM place`,
};

const chunksOfRange: Statement = {
	name: 'metric-chunks-of-range',
	text: `
		SELECT key, count, encoded_steps AS "encodedSteps", encoded_times AS "encodedTimes",
			encoded_values AS "encodedValues"
		FROM metric_chunk
		WHERE run_id = $1 AND attempt = $2 AND sequence > $3 AND sequence <= $4
		ORDER BY sequence`,
};

const POINTS_PER_READ = 50_000;

/**
 * What is stored of a run after a position, or null where there is nothing. With `until` the range ends exactly there:
 * a reader that was cut in the middle of a range gets the same one again.
 */
export async function readBatchesAfter(
	session: Session,
	runId: string,
	after: BatchPosition,
	until: BatchPosition | null,
): Promise<BatchRange | null> {
	const [next] = await session.query<{ attempt: number; to: number; keepTo: number | null }>(nextRange, [
		...[runId, after.attempt, after.sequence, POINTS_PER_READ],
	]);
	if (next === undefined) return null;
	const upTo = until ?? { attempt: next.attempt, sequence: next.to };
	const from = upTo.attempt === after.attempt ? after.sequence : 0;
	const rows = await session.query<StoredChunk & { key: string }>(chunksOfRange, [
		...[runId, upTo.attempt, from, upTo.sequence],
	]);
	const lastStep = next.keepTo ?? Number.POSITIVE_INFINITY;
	const parts = new Map<string, MetricPoints[]>();
	for (const row of rows) {
		const known = parts.get(row.key);
		const points = upToStep(decodeChunk(row), lastStep);
		if (known === undefined) parts.set(row.key, [points]);
		else known.push(points);
	}
	const keys = [...parts.keys()].sort();
	return { upTo, series: keys.map((key) => ({ key, ...joinPoints(parts.get(key) ?? []) })) };
}
