import { setImmediate } from 'node:timers/promises';
import type { Database, Session, Statement } from '../connection/index.js';
import { decodeBatch } from './batch-codec.js';
import { encodePyramid, type StoredPyramid } from './cell-codec.js';
import { decodeIntegers, packIntegers, packValues, unpackValues } from './chunk-codec.js';
import { CLOSED_AT, closeChunks, type PlannedChunk, type SequencedPoints } from './close-chunks.js';
import { joinPoints } from './join-points.js';
import { decodeSequences, encodeSequences } from './sequence-codec.js';

/** An attempt with batches that wait. */
export interface CompactionCandidate {
	readonly experimentId: string;
	readonly runId: string;
	readonly attempt: number;
	readonly points: number;
}

const candidates: Statement = {
	name: 'compaction-candidates',
	text: `
		SELECT batch.experiment_id AS "experimentId", batch.run_id AS "runId", batch.attempt, sum(batch.points) AS points
		FROM metric_batch AS batch JOIN attempt ON attempt.run_id = batch.run_id AND attempt.number = batch.attempt
		GROUP BY batch.experiment_id, batch.run_id, batch.attempt, attempt.ended_at
		HAVING sum(batch.points) >= $1 OR count(*) >= $2 OR attempt.ended_at IS NOT NULL
			OR max(batch.stored_at) < now() - $3 * interval '1 second'
		ORDER BY sum(batch.points) DESC LIMIT 100`,
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
const ends: Statement = {
	name: '',
	text: `
		SELECT key, max(position + count) AS total, max(max_step) FILTER (WHERE levels IS NOT NULL) AS after,
			count(*) FILTER (WHERE levels IS NULL) AS open,
			coalesce(sum(count) FILTER (WHERE levels IS NULL), 0) AS "openPoints"
		FROM metric_chunk WHERE experiment_id = $1 AND run_id = $2 AND attempt = $3
			AND ($4::text[] IS NULL OR key = ANY($4)) GROUP BY key`,
};
const takeOpen: Statement = {
	name: '',
	text: `
		DELETE FROM metric_chunk
		WHERE experiment_id = $1 AND run_id = $2 AND attempt = $3 AND key = ANY($4::text[]) AND levels IS NULL
		RETURNING key, position, count, last_sequence AS "lastSequence", sequences, steps, times, values`,
};
const insert: Statement = {
	name: '',
	text: `
		INSERT INTO metric_chunk (experiment_id, run_id, attempt, key, position, count, first_sequence, last_sequence,
			min_step, max_step, levels, level_ends, sequences, steps, times, values, cells)
		SELECT $1, $2, $3, key, position, count, first, last, low, high, levels::smallint[], ends::integer[], sequences, steps,
			times, values, cells
		FROM unnest($4::text[], $5::bigint[], $6::integer[], $7::bigint[], $8::bigint[],
			$9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::bytea[], $14::bytea[], $15::bytea[], $16::bytea[],
			$17::bytea[]) AS given (key, position, count, first, last, low, high, levels, ends, sequences, steps, times,
				values, cells)`,
};

/** Bounds the memory of one compaction: some 30 bytes a point. */
const POINTS_AT_ONCE = 1_000_000;
/** Open chunks of a series that are let lie; more are joined, so that a reader never meets many. */
const OPEN_CHUNKS = 8;

interface StoredSeries {
	readonly key: string;
	readonly total: number;
	readonly after: number | null;
	readonly open: number;
	readonly openPoints: number;
}
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
		const rows = await session.query<{ sequence: number; body: Buffer }>(takeBatches, [...of, POINTS_AT_ONCE]);
		if (rows.length === 0) return 0;
		const fresh = bySeries([...rows].sort((a, b) => a.sequence - b.sequence));
		const points = [...fresh.values()].reduce((sum, one) => sum + one.points.steps.length, 0);
		const ended = state.ended && points < POINTS_AT_ONCE;
		const known = await session.query<StoredSeries>(ends, [...of, ended ? null : [...fresh.keys()]]);
		const stored = new Map(known.map((row) => [row.key, row]));
		const joined = known.filter(({ key, open, openPoints }) => {
			const full = openPoints + (fresh.get(key)?.points.steps.length ?? 0) >= CLOSED_AT;
			return open > 0 && (full || open >= OPEN_CHUNKS || ended);
		});
		const keys = joined.map(({ key }) => key);
		const taken = keys.length === 0 ? [] : await session.query<OpenChunk>(takeOpen, [...of, keys]);
		const columns: unknown[][] = [];
		for (const key of new Set([...fresh.keys(), ...keys])) {
			const open = taken.filter((chunk) => chunk.key === key).sort((a, b) => a.position - b.position);
			const { total = 0, after = null } = stored.get(key) ?? {};
			const all = join([...open.map(read), ...(fresh.has(key) ? [fresh.get(key) as SequencedPoints] : [])]);
			const chunks = placed(key, open[0]?.position ?? total, closeChunks(all, { after, ended }));
			for (const [index, column] of columnsOf(chunks).entries()) {
				columns[index] ??= [];
				columns[index].push(...column);
			}
			// A series of many points takes some milliseconds, in which nobody else is answered.
			await setImmediate();
		}
		await session.query(insert, [...of, ...columns]);
		return points;
	});
}

function bySeries(rows: readonly { sequence: number; body: Buffer }[]): Map<string, SequencedPoints> {
	const parts = new Map<string, SequencedPoints[]>();
	for (const { sequence, body } of rows)
		for (const { key, ...points } of decodeBatch(body)) {
			const part = { points, sequences: [{ sequence, count: points.steps.length }] };
			const known = parts.get(key);
			if (known === undefined) parts.set(key, [part]);
			else known.push(part);
		}
	return new Map([...parts].map(([key, list]) => [key, join(list)]));
}

/** A batch whose points lie on both sides of a cut is named once. */
function join(parts: readonly SequencedPoints[]): SequencedPoints {
	const sequences: { sequence: number; count: number }[] = [];
	for (const run of parts.flatMap((part) => part.sequences)) {
		const last = sequences.at(-1);
		if (last?.sequence === run.sequence) last.count += run.count;
		else sequences.push({ ...run });
	}
	return { points: joinPoints(parts.map(({ points }) => points)), sequences };
}

const read = (chunk: OpenChunk): SequencedPoints => ({
	points: {
		steps: decodeIntegers(chunk.steps, chunk.count),
		times: decodeIntegers(chunk.times, chunk.count),
		values: unpackValues(chunk.values, chunk.count),
	},
	sequences: decodeSequences(chunk),
});

interface PlacedChunk extends SequencedPoints {
	readonly key: string;
	readonly position: number;
	readonly pyramid: StoredPyramid | null;
}

function placed(key: string, position: number, chunks: readonly PlannedChunk[]): PlacedChunk[] {
	let at = position;
	return chunks.map(({ pyramid, ...chunk }) => {
		const here = { ...chunk, key, position: at, pyramid: pyramid && encodePyramid(pyramid) };
		at += chunk.points.steps.length;
		return here;
	});
}

function columnsOf(chunks: readonly PlacedChunk[]): unknown[][] {
	const column = (of: (chunk: PlacedChunk) => unknown) => chunks.map(of);
	const extreme = (steps: Float64Array, of: (a: number, b: number) => number) => steps.reduce((a, b) => of(a, b));
	return [
		...[column((chunk) => chunk.key), column((chunk) => chunk.position)],
		column((chunk) => chunk.points.steps.length),
		...[column((chunk) => chunk.sequences[0]?.sequence), column((chunk) => chunk.sequences.at(-1)?.sequence)],
		column((chunk) => extreme(chunk.points.steps, Math.min)),
		column((chunk) => extreme(chunk.points.steps, Math.max)),
		column((chunk) => chunk.pyramid && `{${chunk.pyramid.levels}}`),
		column((chunk) => chunk.pyramid && `{${chunk.pyramid.ends}}`),
		column((chunk) => encodeSequences(chunk.sequences)),
		...[column((chunk) => packIntegers(chunk.points.steps)), column((chunk) => packIntegers(chunk.points.times))],
		column((chunk) => packValues(chunk.points.values)),
		column((chunk) => chunk.pyramid?.cells ?? null),
	];
}
