import { setImmediate } from 'node:timers/promises';
import type { Database, Session, Statement } from '../connection/index.js';
import { decodeIntegers, unpackValues } from './chunk-codec.js';
import { closeChunks, type SequencedPoints } from './close-chunks.js';
import { groupBy } from './group-by.js';
import { bySeries, insertChunks, join, type PlacedChunk, placed, type StoredBatch } from './place-chunks.sql.js';
import { type KnownChunk, POINTS_AT_ONCE, planChunks } from './plan-chunks.js';
import { decodeSequences } from './sequence-codec.js';

/** An attempt with batches that wait. */
export interface CompactionCandidate {
	readonly experimentId: string;
	readonly runId: string;
	readonly attempt: number;
	readonly points: number;
	readonly batches: number;
	/** It has ended, and none of its points were moved before: all of them lie in these batches. */
	readonly isWhole: boolean;
}

const candidates: Statement = {
	name: 'compaction-candidates',
	text: `
		SELECT batch.experiment_id AS "experimentId", batch.run_id AS "runId", batch.attempt, sum(batch.points) AS points,
			count(*)::integer AS batches,
			attempt.ended_at IS NOT NULL AND min(batch.sequence) = 1 AS "isWhole"
		FROM metric_batch AS batch JOIN attempt ON attempt.run_id = batch.run_id AND attempt.number = batch.attempt
		GROUP BY batch.experiment_id, batch.run_id, batch.attempt, attempt.ended_at
		HAVING sum(batch.points) >= $1 OR count(*) >= $2 OR attempt.ended_at IS NOT NULL
			OR max(batch.stored_at) < now() - $3 * interval '1 second'
		ORDER BY sum(batch.points) DESC LIMIT 500`,
};

export interface CompactionThresholds {
	/** Points and batches of one attempt that may wait; more of either are compacted. */
	readonly points: number;
	readonly batches: number;
	/** An attempt that has logged nothing for so long is compacted, as is one that has ended. */
	readonly quietSeconds: number;
}

/** The attempts whose batches are due, those with the most points first. */
export async function findCompactionCandidates(
	session: Session,
	{ points, batches, quietSeconds }: CompactionThresholds,
): Promise<readonly CompactionCandidate[]> {
	const rows = await session.query<CompactionCandidate>(candidates, [points, batches, quietSeconds]);
	return rows.map((row) => ({ ...row, points: Number(row.points) }));
}

/** One compaction of an attempt at a time, whichever process does it; a second one leaves at once. */
const lock: Statement = {
	name: '',
	text: `SELECT pg_try_advisory_xact_lock(hashtextextended('compact ' || $1 || ' ' || $2, 0)) AS locked,
		(SELECT ended_at IS NOT NULL FROM attempt WHERE run_id = $1::uuid AND number = $2::integer) AS ended`,
};
/** What is deleted is what is moved: a run that is purged meanwhile leaves nothing behind. */
const takeBatches: Statement = {
	name: '',
	text: `
		DELETE FROM metric_batch WHERE experiment_id = $1 AND run_id = $2 AND attempt = $3 AND sequence <= (
			SELECT max(sequence) FROM (
				SELECT sequence, sum(points) OVER (ORDER BY sequence) - points AS before FROM metric_batch
				WHERE experiment_id = $1 AND run_id = $2 AND attempt = $3
			) AS counted WHERE before < $4
		) RETURNING sequence, body`,
};
/** The open chunks of each series, one by one, and its closed ones as if they were one, without a position. */
const known: Statement = {
	name: '',
	text: `
		SELECT key, CASE WHEN NOT closed THEN position END AS position, sum(count) AS count, max(max_step) AS "maxStep"
		FROM metric_chunk WHERE experiment_id = $1 AND run_id = $2 AND attempt = $3
			AND ($4::text[] IS NULL OR key = ANY($4)) GROUP BY 1, 2 ORDER BY 1, 2 NULLS FIRST`,
};
const takeOpen: Statement = {
	name: '',
	text: `
		DELETE FROM metric_chunk AS chunk USING unnest($4::text[], $5::bigint[]) AS given (key, first)
		WHERE experiment_id = $1 AND run_id = $2 AND attempt = $3 AND chunk.key = given.key AND position >= first
		RETURNING chunk.key, position, count, last_sequence AS "lastSequence", sequences, steps, times, values`,
};

interface OpenChunk {
	readonly key: string;
	readonly position: number;
	readonly count: number;
	readonly lastSequence: number;
	readonly sequences: Buffer | null;
	readonly steps: Buffer;
	readonly times: Buffer;
	readonly values: Buffer;
}

/**
 * Moves the batches of an attempt into chunks of their series, in one transaction; answers the points that were moved, 0
 * where another process is at it. What every query answers stays the same to the last bit.
 */
export async function compactAttempt(database: Database, candidate: CompactionCandidate): Promise<number> {
	const of = [candidate.experimentId, candidate.runId, candidate.attempt] as const;
	return database.transaction(async (session) => {
		const [state] = await session.query<{ locked: boolean; ended: boolean }>(lock, [of[1], String(of[2])]);
		if (state?.locked !== true) return 0;
		const rows = await session.query<StoredBatch>(takeBatches, [...of, POINTS_AT_ONCE]);
		if (rows.length === 0) return 0;
		const fresh = bySeries(rows);
		const points = [...fresh.values()].reduce((sum, one) => sum + one.points.steps.length, 0);
		const ended = state.ended && points < POINTS_AT_ONCE;
		const chunksKnown = await session.query<KnownChunk>(known, [...of, ended ? null : [...fresh.keys()]]);
		const stored = groupBy(chunksKnown, keyOf);
		for (const plans of planChunks(stored, fresh, ended)) {
			const joining = plans.filter(({ joins }) => joins);
			const given = [joining.map(({ key }) => key), joining.map(({ from }) => from)];
			const open = joining.length === 0 ? [] : await session.query<OpenChunk>(takeOpen, [...of, ...given]);
			const taken = groupBy(open, keyOf);
			const chunks: PlacedChunk[] = [];
			for (const { key, from, after } of plans) {
				const before = (taken.get(key) ?? []).sort((a, b) => a.position - b.position);
				const all = join([...before.map(read), ...(fresh.has(key) ? [fresh.get(key) as SequencedPoints] : [])]);
				const series = { runId: candidate.runId, attempt: candidate.attempt, key };
				chunks.push(...placed(series, from, closeChunks(all, { after, ended })));
				// A series of many points takes some milliseconds, in which nobody else is answered.
				await setImmediate();
			}
			await insertChunks(session, candidate.experimentId, chunks);
		}
		return points;
	});
}

const keyOf = ({ key }: { readonly key: string }): string => key;

const read = (chunk: OpenChunk): SequencedPoints => ({
	points: {
		steps: decodeIntegers(chunk.steps, chunk.count),
		times: decodeIntegers(chunk.times, chunk.count),
		values: unpackValues(chunk.values, chunk.count),
	},
	sequences: decodeSequences(chunk),
});
