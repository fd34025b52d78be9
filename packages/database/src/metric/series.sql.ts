import type { Session, Statement } from '../connection/index.js';
import { betweenSteps } from './join-points.js';
import type { MetricSeriesEntity } from './metric-series.entity.js';
import { readSeries } from './read-series.sql.js';
import { settleCheckpoints } from './settle-checkpoints.sql.js';
import { doubleText, summarize } from './summarize.js';

const COLUMNS = `series.run_id AS "runId", series.attempt, series.key, series.count, series.non_finite AS "nonFinite",
	series.first_step AS "firstStep", series.last_step AS "lastStep", series.last_value AS "lastValue", series.min_value AS "minValue",
	series.min_step AS "minStep", series.max_value AS "maxValue", series.max_step AS "maxStep",
	series.last_checkpoint_id AS "lastCheckpointId", series.min_checkpoint_id AS "minCheckpointId",
	series.max_checkpoint_id AS "maxCheckpointId"`;

/** The latest attempt's row speaks for the run; that of an earlier one for the run as it stood before the next. */
const summaries: Statement = {
	name: 'metric-summaries',
	text: `
		SELECT ${COLUMNS} FROM metric_series AS series JOIN run ON run.id = series.run_id AND coalesce($3, run.attempts) = series.attempt
		WHERE series.run_id = ANY($1::uuid[]) AND series.key = ANY($2::text[])`,
};

export async function findSummaries(
	session: Session,
	runIds: readonly string[],
	keys: readonly string[],
	attempt: number | null = null,
): Promise<readonly MetricSeriesEntity[]> {
	return session.query<MetricSeriesEntity>(summaries, [[...new Set(runIds)], [...new Set(keys)], attempt]);
}

/** In the order of the primary key, so that the first keys of a run with thousands are read without the others. */
const keysOfRuns: Statement = {
	name: 'metric-keys',
	text: `
		SELECT run.id AS "runId", ARRAY(
			SELECT key FROM metric_series AS series WHERE series.run_id = run.id AND series.attempt = run.attempts
				AND ($2::text IS NULL OR strpos(lower(series.key), lower($2)) > 0)
			ORDER BY key LIMIT $3
		) AS keys
		FROM run WHERE run.id = ANY($1::uuid[])`,
};

export interface MetricKeysWanted {
	/** Keys that contain it, in either case; null: every key. */
	readonly search: string | null;
	/** So many of each run at the most; null: all of them. */
	readonly first: number | null;
}

/** Ascending; runs without such a key are absent. */
export async function findMetricKeys(
	session: Session,
	runIds: readonly string[],
	{ search, first }: MetricKeysWanted,
): Promise<ReadonlyMap<string, readonly string[]>> {
	const rows = await session.query<{ runId: string; keys: string[] }>(keysOfRuns, [runIds, search, first]);
	return new Map(rows.flatMap(({ runId, keys }) => (keys.length === 0 ? [] : [[runId, keys]])));
}

const keysBefore: Statement = {
	name: 'metric-keys-before',
	text: 'SELECT DISTINCT key FROM metric_series WHERE run_id = $1 AND attempt < $2',
};
const clear: Statement = {
	name: 'clear-series',
	text: 'DELETE FROM metric_series WHERE run_id = $1 AND attempt = $2',
};
const insert: Statement = {
	name: 'carry-over-series',
	text: `
		INSERT INTO metric_series (run_id, attempt, key, count, non_finite, first_step, last_step, last_value, min_value,
			min_step, max_value, max_step)
		SELECT $1, $2, given.* FROM jsonb_to_recordset($3::jsonb) AS given (key text, count bigint, non_finite bigint,
			first_step bigint, last_step bigint, last_value float8, min_value float8, min_step bigint, max_value float8, max_step bigint)`,
};

/**
 * Gives an attempt that resumes from a step the summaries, and the checkpoints, of what stays valid before it. The points of earlier attempts
 * are read again for this: a resume is rare, and a minimum cannot be taken back from a summary. Null: it begins anew. What
 * the attempt was given before is taken back; it must have logged nothing yet.
 */
export async function carryOverSummaries(
	session: Session,
	runId: string,
	attempt: number,
	resumedFromStep: number | null,
): Promise<void> {
	await session.query(clear, [runId, attempt]);
	if (resumedFromStep === null) return settleCheckpoints(session, runId, attempt);
	const keys = await session.query<{ key: string }>(keysBefore, [runId, attempt]);
	const points = await readSeries(
		session,
		[runId],
		keys.map(({ key }) => key),
	);
	const series = [...(points.get(runId) ?? [])].flatMap(([key, all]) => {
		const kept = betweenSteps(all, 0, resumedFromStep);
		return kept.steps.length === 0 ? [] : [rowOf(summarize({ key, ...kept }))];
	});
	await session.query(insert, [runId, attempt, JSON.stringify(series)]);
	await settleCheckpoints(session, runId, attempt);
}

const rowOf = (summary: ReturnType<typeof summarize>) => ({
	key: summary.key,
	count: summary.count,
	non_finite: summary.nonFinite,
	first_step: summary.firstStep,
	last_step: summary.lastStep,
	// JSON has neither NaN nor -0; Postgres reads these texts as float8.
	last_value: doubleText(summary.lastValue),
	min_value: doubleText(summary.minValue),
	min_step: summary.minStep,
	max_value: doubleText(summary.maxValue),
	max_step: summary.maxStep,
});
