import type { Database, Session, Statement } from '../connection/index.js';
import { decodeBatch } from './batch-codec.js';
import { type BatchPosition, type BatchRange, POINTS_PER_READ, seriesOf } from './batch-range.js';
import { decodeIntegers, unpackValues } from './chunk-codec.js';
import { slicePoints } from './join-points.js';
import { decodeSequences } from './sequence-codec.js';

interface Compacted {
	readonly experimentId: string;
	readonly runId: string;
	readonly attempt: number;
	readonly after: BatchPosition;
	readonly until: BatchPosition | null;
}

/** Chunks with points of the batches after $4, those that begin first before the others; later ones need not be looked at. */
const sequencesAfter: Statement = {
	name: '',
	text: `
		SELECT first_sequence AS "firstSequence", last_sequence AS "lastSequence", count, sequences FROM metric_chunk
		WHERE experiment_id = $1 AND run_id = $2 AND attempt = $3 AND last_sequence > $4
		ORDER BY first_sequence`,
};
const firstBatch: Statement = {
	name: '',
	text: 'SELECT min(sequence) AS first FROM metric_batch WHERE experiment_id = $1 AND run_id = $2 AND attempt = $3',
};
/** Of a range that was read from batches before, the first ones may be compacted by now and the others not. */
const batchesBetween: Statement = {
	name: '',
	text: `
		SELECT body FROM metric_batch
		WHERE experiment_id = $1 AND run_id = $2 AND attempt = $3 AND sequence > $4 AND sequence <= $5 ORDER BY sequence`,
};
const chunksBetween: Statement = {
	name: '',
	text: `
		SELECT key, count, last_sequence AS "lastSequence", sequences, steps, times, values FROM metric_chunk
		WHERE experiment_id = $1 AND run_id = $2 AND attempt = $3 AND last_sequence > $4 AND first_sequence <= $5
		ORDER BY key, position`,
};
const keepTo: Statement = {
	name: 'metric-keep-to',
	text: 'SELECT min(coalesce(resumed_from_step, -1)) AS "keepTo" FROM attempt WHERE run_id = $1 AND number > $2',
};

interface SequenceRow {
	readonly firstSequence: number;
	readonly lastSequence: number;
	readonly count: number;
	readonly sequences: Buffer | null;
}
interface ChunkRow extends SequenceRow {
	readonly key: string;
	readonly steps: Buffer;
	readonly times: Buffer;
	readonly values: Buffer;
}

/**
 * The same range as from the batches before their compaction: chunks keep which point came in which batch. In one snapshot,
 * because a compaction between two statements would move chunks.
 */
export async function readCompactedAfter(
	database: Database,
	{ experimentId, runId, attempt, after, until }: Compacted,
): Promise<BatchRange> {
	const from = attempt === after.attempt ? after.sequence : 0;
	const of = [experimentId, runId, attempt];
	return database.snapshot(async (session) => {
		const last = until?.sequence ?? (await lastToRead(session, of, from));
		const rows = await session.query<ChunkRow>(chunksBetween, [...of, from, last]);
		const [kept] = await session.query<{ keepTo: number | null }>(keepTo, [runId, attempt]);
		const batches = await session.query<{ body: Buffer }>(batchesBetween, [...of, from, last]);
		const parts = rows.flatMap((row) => {
			const [begin, end] = between(row, from, last);
			if (begin === end) return [];
			const points = {
				steps: decodeIntegers(row.steps, row.count),
				times: decodeIntegers(row.times, row.count),
				values: unpackValues(row.values, row.count),
			};
			return { key: row.key, ...slicePoints(points, begin, end) };
		});
		const all = [...parts, ...batches.flatMap(({ body }) => decodeBatch(body))];
		return { upTo: until ?? { attempt, sequence: last }, series: seriesOf(all, kept?.keepTo ?? null) };
	});
}

/** The last of the whole batches that hold POINTS_PER_READ points together, one batch at least. */
async function lastToRead(session: Session, of: readonly unknown[], from: number): Promise<number> {
	const rows = await session.query<SequenceRow>(sequencesAfter, [...of, from]);
	const [{ first } = { first: null }] = await session.query<{ first: number | null }>(firstBatch, of);
	const points = new Map<number, number>();
	for (const row of rows)
		for (const { sequence, count } of decodeSequences(row))
			if (sequence > from) points.set(sequence, (points.get(sequence) ?? 0) + count);
	let last = from;
	let sum = 0;
	for (const sequence of [...points.keys()].sort((a, b) => a - b)) {
		if (sum >= POINTS_PER_READ || (first !== null && sequence >= first)) break;
		sum += points.get(sequence) ?? 0;
		last = sequence;
	}
	return last;
}

/** The points of the batches after `from` up to `to`: from the first place to the second, which is left out. */
function between(row: SequenceRow, from: number, to: number): [number, number] {
	let [begin, end] = [0, 0];
	for (const { sequence, count } of decodeSequences(row)) {
		if (sequence <= from) begin += count;
		if (sequence <= to) end += count;
	}
	return [begin, Math.max(begin, end)];
}
