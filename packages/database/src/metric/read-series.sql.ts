import { type MetricPoints, visibleRanges } from '@graft/domain/metric';
import { findAttempts } from '../attempt/index.js';
import type { Session, Statement } from '../connection/index.js';
import { decodeChunk, type StoredChunk } from './encode-chunk.js';
import { joinPoints, upToStep } from './join-points.js';

const chunks: Statement = {
	name: 'metric-chunks-of-series',
	text: `
		SELECT run_id AS "runId", key, attempt, count, encoded_steps AS "encodedSteps", encoded_times AS "encodedTimes",
			encoded_values AS "encodedValues"
		FROM metric_chunk
		WHERE run_id = ANY($1::uuid[]) AND key = ANY($2::text[])
		ORDER BY run_id, key, attempt, sequence`,
};

const counts: Statement = {
	name: 'metric-points-of-series',
	text: `
		SELECT coalesce(sum(count), 0) AS points FROM metric_chunk
		WHERE run_id = ANY($1::uuid[]) AND key = ANY($2::text[])`,
};

/** Points that reading these series would decode. */
export async function countPoints(
	session: Session,
	runIds: readonly string[],
	keys: readonly string[],
): Promise<number> {
	const [row] = await session.query<{ points: string }>(counts, [runIds, keys]);
	return Number(row?.points ?? 0);
}

/** The points that count (superseded ones left out) in order of arrival, by run and key; series without points are absent. */
export async function readSeries(
	session: Session,
	runIds: readonly string[],
	keys: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, MetricPoints>>> {
	const lastSteps = await visibleSteps(session, runIds);
	const rows = await session.query<StoredChunk & { runId: string; key: string; attempt: number }>(chunks, [
		runIds,
		keys,
	]);
	const parts = new Map<string, Map<string, MetricPoints[]>>();
	for (const row of rows) {
		const points = upToStep(decodeChunk(row), lastSteps.get(`${row.runId} ${row.attempt}`) ?? Number.POSITIVE_INFINITY);
		if (points.steps.length === 0) continue;
		const ofRun = parts.get(row.runId) ?? new Map<string, MetricPoints[]>();
		parts.set(row.runId, ofRun);
		const ofKey = ofRun.get(row.key);
		if (ofKey === undefined) ofRun.set(row.key, [points]);
		else ofKey.push(points);
	}
	return new Map(
		[...parts].map(([runId, ofRun]) => [runId, new Map([...ofRun].map(([key, list]) => [key, joinPoints(list)]))]),
	);
}

async function visibleSteps(session: Session, runIds: readonly string[]): Promise<Map<string, number>> {
	const attempts = await findAttempts(session, runIds);
	const lastSteps = new Map<string, number>();
	for (const runId of new Set(attempts.map((attempt) => attempt.runId))) {
		const ranges = visibleRanges(attempts.filter((attempt) => attempt.runId === runId));
		for (const { attempt, lastStep } of ranges) lastSteps.set(`${runId} ${attempt}`, lastStep);
	}
	return lastSteps;
}
