import type { MetricPoints } from '@graft/domain/metric';
import type { Session, Statement } from '../connection/index.js';
import { decodeChunk, type StoredChunk } from './encode-chunk.js';
import { joinPoints, upToStep } from './join-points.js';

/**
 * How far a reader of one run has come: every batch up to `sequence` of `attempt`. `open` is a range of batches that is
 * being delivered series by series: those up to `key` are through.
 */
export interface MetricPosition {
	readonly attempt: number;
	readonly sequence: number;
	readonly open: { readonly to: number; readonly key: string } | null;
}
export const METRICS_START: MetricPosition = { attempt: 0, sequence: 0, open: null };

export interface StoredFrame {
	readonly attempt: number;
	readonly key: string;
	readonly points: Pick<MetricPoints, 'steps' | 'values'>;
	/** Where a reader stands that has got this frame and all before it. */
	readonly position: MetricPosition;
}

/**
 * The next range of batches in which a frame a series is made: whole batches of one attempt, until they hold $4 points.
 * So a reader that fell behind gets few large frames, and one read never takes more memory than one batch and $4 points.
 * `keepTo`: a later attempt that resumed from a step supersedes what comes after that step, one that began anew (null)
 * supersedes everything.
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
			AND ($5::text IS NULL OR key > $5) AND ($6::text[] IS NULL OR key = ANY($6)) AND min_step <= $7
		ORDER BY key, sequence`,
};

const POINTS_PER_READ = 50_000;

/** What is stored of a run after a position: frames in a fixed order, and the position behind them. Null: nothing. */
export async function readMetricFrames(
	session: Session,
	runId: string,
	after: MetricPosition,
	keys: readonly string[] | null,
): Promise<{ frames: readonly StoredFrame[]; position: MetricPosition } | null> {
	const range = await rangeAfter(session, runId, after);
	if (range === null) return null;
	const { attempt, from, to, keepTo, openKey } = range;
	const rows = await session.query<StoredChunk & { key: string }>(chunksOfRange, [
		...[runId, attempt, from, to, openKey, keys, keepTo ?? Number.MAX_SAFE_INTEGER],
	]);
	const parts = new Map<string, MetricPoints[]>();
	for (const row of rows) {
		const points = upToStep(decodeChunk(row), keepTo ?? Number.POSITIVE_INFINITY);
		parts.set(row.key, [...(parts.get(row.key) ?? []), points]);
	}
	const done: MetricPosition = { attempt, sequence: to, open: null };
	const frames = [...parts].map(([key, list], index) => ({
		attempt,
		key,
		points: joinPoints(list),
		position: index === parts.size - 1 ? done : { attempt, sequence: from, open: { to, key } },
	}));
	return { frames: frames.filter(({ points }) => points.steps.length > 0), position: done };
}

interface Range {
	readonly attempt: number;
	readonly from: number;
	readonly to: number;
	readonly keepTo: number | null;
	readonly openKey: string | null;
}

async function rangeAfter(session: Session, runId: string, after: MetricPosition): Promise<Range | null> {
	const [row] = await session.query<{ attempt: number; to: number; keepTo: number | null }>(nextRange, [
		...[runId, after.attempt, after.sequence, POINTS_PER_READ],
	]);
	if (row === undefined) return null;
	const same = row.attempt === after.attempt;
	// A range that was begun keeps its end, so that each series of it is cut at the same place.
	const open = same ? after.open : null;
	return {
		attempt: row.attempt,
		from: same ? after.sequence : 0,
		to: open?.to ?? row.to,
		keepTo: row.keepTo,
		openKey: open?.key ?? null,
	};
}
