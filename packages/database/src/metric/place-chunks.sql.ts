import type { Session, Statement } from '../connection/index.js';
import { decodeBatch } from './batch-codec.js';
import { encodePyramid, type StoredPyramid } from './cell-codec.js';
import { packIntegers, packValues } from './chunk-codec.js';
import type { PlannedChunk, SequencedPoints } from './close-chunks.js';
import { joinPoints } from './join-points.js';
import { encodeSequences } from './sequence-codec.js';

export interface StoredBatch {
	readonly sequence: number;
	readonly body: Buffer;
}

/** The points of an attempt's batches, series by series, in the order of their batches. */
export function bySeries(batches: readonly StoredBatch[]): Map<string, SequencedPoints> {
	const rows = batches.toSorted((a, b) => a.sequence - b.sequence);
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
export function join(parts: readonly SequencedPoints[]): SequencedPoints {
	const sequences: { sequence: number; count: number }[] = [];
	for (const run of parts.flatMap((part) => part.sequences)) {
		const last = sequences.at(-1);
		if (last?.sequence === run.sequence) last.count += run.count;
		else sequences.push({ ...run });
	}
	return { points: joinPoints(parts.map(({ points }) => points)), sequences };
}

const insert: Statement = {
	name: '',
	text: `
		INSERT INTO metric_chunk (experiment_id, run_id, attempt, key, position, count, first_sequence, last_sequence,
			min_step, max_step, closed, levels, level_ends, sequences, steps, times, values, cells)
		SELECT $1, run_id, attempt, key, position, count, first, last, low, high, closed, levels::smallint[], ends::integer[],
			sequences, steps, times, values, cells
		FROM unnest($2::uuid[], $3::integer[], $4::text[], $5::bigint[], $6::integer[], $7::bigint[], $8::bigint[],
			$9::bigint[], $10::bigint[], $11::boolean[], $12::text[], $13::text[], $14::bytea[], $15::bytea[], $16::bytea[],
			$17::bytea[], $18::bytea[]) AS given (run_id, attempt, key, position, count, first, last, low, high, closed, levels, ends,
				sequences, steps, times, values, cells)`,
};

/** Whose series it is. */
export interface SeriesOf {
	readonly runId: string;
	readonly attempt: number;
	readonly key: string;
}
/** A chunk that knows its place among those of its series. */
export interface PlacedChunk extends SequencedPoints, SeriesOf {
	readonly position: number;
	readonly closed: boolean;
	readonly pyramid: StoredPyramid | null;
}

export function placed(of: SeriesOf, position: number, chunks: readonly PlannedChunk[]): PlacedChunk[] {
	let at = position;
	return chunks.map(({ pyramid, ...chunk }) => {
		const here = { ...chunk, ...of, position: at, pyramid: pyramid && encodePyramid(pyramid) };
		at += chunk.points.steps.length;
		return here;
	});
}

/** Stores chunks of attempts of one experiment. */
export async function insertChunks(
	session: Session,
	experimentId: string,
	chunks: readonly PlacedChunk[],
): Promise<void> {
	await session.query(insert, [experimentId, ...columnsOf(chunks)]);
}

function columnsOf(chunks: readonly PlacedChunk[]): unknown[][] {
	const column = (of: (chunk: PlacedChunk) => unknown) => chunks.map(of);
	const extreme = (steps: Float64Array, of: (a: number, b: number) => number) => steps.reduce((a, b) => of(a, b));
	return [
		...[column((chunk) => chunk.runId), column((chunk) => chunk.attempt)],
		...[column((chunk) => chunk.key), column((chunk) => chunk.position)],
		column((chunk) => chunk.points.steps.length),
		...[column((chunk) => chunk.sequences[0]?.sequence), column((chunk) => chunk.sequences.at(-1)?.sequence)],
		column((chunk) => extreme(chunk.points.steps, Math.min)),
		column((chunk) => extreme(chunk.points.steps, Math.max)),
		column((chunk) => chunk.closed),
		column((chunk) => chunk.pyramid && `{${chunk.pyramid.levels}}`),
		column((chunk) => chunk.pyramid && `{${chunk.pyramid.ends}}`),
		column((chunk) => encodeSequences(chunk.sequences)),
		...[column((chunk) => packIntegers(chunk.points.steps)), column((chunk) => packIntegers(chunk.points.times))],
		column((chunk) => packValues(chunk.points.values)),
		column((chunk) => chunk.pyramid?.cells ?? null),
	];
}
