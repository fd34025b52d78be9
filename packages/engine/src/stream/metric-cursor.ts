import { createHash } from 'node:crypto';

/** Batch `sequence` of attempt `attempt`: everything up to and with it has been delivered. (0, 0): nothing yet. */
export interface Position {
	readonly attempt: number;
	readonly sequence: number;
}
/** Frames of several series come from one read: `keysDone` of them (in the order of their keys) are out. */
export interface Partial {
	readonly runId: string;
	readonly upTo: Position;
	readonly keysDone: number;
}
export interface MetricCursor {
	readonly positions: ReadonlyMap<string, Position>;
	readonly partial: Partial | null;
}

/** The cursor is of no use for this stream; the message says why, for the caller. */
export class CursorError extends Error {
	override readonly name = 'CursorError';
}

const VERSION = 1;
const START: Position = { attempt: 0, sequence: 0 };

/**
 * Positions in the order of the sorted run ids, as varints behind a digest of those ids: some three bytes a run, where
 * the ids themselves would take sixteen in each frame. The price: a cursor fits the set of runs that it was made for.
 */
export function encodeMetricCursor(runIds: readonly string[], cursor: MetricCursor): string {
	const sorted = [...runIds].sort();
	const bytes: number[] = [VERSION, ...setDigest(sorted)];
	for (const runId of sorted) {
		const { attempt, sequence } = cursor.positions.get(runId) ?? START;
		varint(bytes, attempt);
		varint(bytes, sequence);
	}
	if (cursor.partial !== null) {
		const { runId, upTo, keysDone } = cursor.partial;
		for (const value of [sorted.indexOf(runId), upTo.attempt, upTo.sequence, keysDone]) varint(bytes, value);
	}
	return Buffer.from(bytes).toString('base64url');
}

/** @throws CursorError for text that is no cursor, and for a cursor of other runs. */
export function decodeMetricCursor(runIds: readonly string[], text: string): MetricCursor {
	const sorted = [...runIds].sort();
	const bytes = Buffer.from(text, 'base64url');
	if (bytes[0] !== VERSION || bytes.length < 5) {
		throw new CursorError('This is no cursor of a metric stream: give back one that a frame carried, unchanged.');
	}
	if (!bytes.subarray(1, 5).equals(setDigest(sorted))) {
		throw new CursorError(
			'This cursor belongs to a stream of other runs: ask for the same runs, or leave `after` out to begin anew.',
		);
	}
	const read = reader(bytes, 5);
	const positions = new Map<string, Position>();
	for (const runId of sorted) positions.set(runId, { attempt: read(), sequence: read() });
	if (read.done()) return { positions, partial: null };
	const runId = sorted[read()];
	if (runId === undefined) throw new CursorError('This cursor is damaged: leave `after` out to begin anew.');
	return { positions, partial: { runId, upTo: { attempt: read(), sequence: read() }, keysDone: read() } };
}

function setDigest(sorted: readonly string[]): Buffer {
	return createHash('sha256').update(sorted.join()).digest().subarray(0, 4);
}

/** LEB128 by division, since positions may exceed 32 bits. */
function varint(bytes: number[], value: number): void {
	let rest = value;
	while (rest >= 0x80) {
		bytes.push((rest % 0x80) + 0x80);
		rest = Math.floor(rest / 0x80);
	}
	bytes.push(rest);
}

function reader(bytes: Buffer, start: number): (() => number) & { done: () => boolean } {
	let at = start;
	const read = () => {
		let value = 0;
		for (let scale = 1; ; scale *= 0x80) {
			const byte = bytes[at++];
			if (byte === undefined) throw new CursorError('This cursor is cut short: give it back whole.');
			value += (byte & 0x7f) * scale;
			if (byte < 0x80) return value;
		}
	};
	return Object.assign(read, { done: () => at >= bytes.length });
}
