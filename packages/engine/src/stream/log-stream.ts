import { type LinePosition, LOG_START, readLines } from '@graft/database/log';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topics } from '../context/topics.js';
import type { LogFrame, LogLine } from '../contract/inputs.js';
import { decodeCursor, encodeCursor, isCount } from './cursor.js';
import { pull } from './pull.js';

const LINES_PER_FRAME = 1_000;

const encodeLineCursor = ({ attempt, sequence, index }: LinePosition): string =>
	encodeCursor('l', [attempt, sequence, index]);

function decodeLineCursor(cursor: string | null): LinePosition {
	const value = cursor === null ? null : decodeCursor('l', cursor);
	if (!Array.isArray(value) || value.length !== 3 || !value.every(isCount)) return LOG_START;
	const [attempt, sequence, index] = value as [number, number, number];
	return { attempt: Math.min(attempt, 2 ** 31 - 1), sequence, index };
}

/** A run's log from the first attempt on, then live. */
export function logStream(
	context: Context,
	{ runId, after }: { readonly runId: string; readonly after: string | null },
	signal: AbortSignal,
): AsyncIterableIterator<LogFrame> {
	let position = decodeLineCursor(after);
	return pull(context.hub, isId(runId) ? [topics.log(runId)] : [], signal, async function* () {
		if (!isId(runId)) return;
		for (;;) {
			const lines = await readLines(context.database, runId, position, LINES_PER_FRAME);
			const last = lines.at(-1);
			if (last === undefined) return;
			position = last.position;
			yield { cursor: encodeLineCursor(position), runId, lines: lines.map(({ line }) => line) };
		}
	});
}

export async function logLinesOf(
	context: Context,
	runId: string,
	after: string | null,
	first: number,
): Promise<readonly LogLine[]> {
	if (!isId(runId)) return [];
	const lines = await readLines(context.database, runId, decodeLineCursor(after), first);
	return lines.map(({ position, line }) => ({ cursor: encodeLineCursor(position), line }));
}
