import {
	countLines,
	type LinePosition,
	LOG_START,
	listLines,
	type NumberedPosition,
	readLines,
} from '@graft/database/log';
import type { Context } from '../context/context.js';
import { isId, toStorableText } from '../context/storable.js';
import { topics } from '../context/topics.js';
import type { LogFrame, LogLine, LogLinesQuery } from '../contract/inputs.js';
import { decodeCursor, encodeCursor, isCount } from './cursor.js';
import { pull } from './pull.js';

const LINES_PER_FRAME = 1_000;

/** A stream counts no lines; a page that goes on from a stream's cursor has them counted. */
const encodeLineCursor = ({ attempt, sequence, index, number }: LinePosition & { readonly number?: number }): string =>
	encodeCursor('l', [attempt, sequence, index, ...(number === undefined ? [] : [number])]);

function decodeLineCursor(cursor: string | null): NumberedPosition {
	const value = cursor === null ? null : decodeCursor('l', cursor);
	const isOurs = Array.isArray(value) && (value.length === 3 || value.length === 4) && value.every(isCount);
	if (!isOurs) return { ...LOG_START, number: 0 };
	const [attempt, sequence, index, number = null] = value as [number, number, number, number?];
	return { attempt: Math.min(attempt, 2 ** 31 - 1), sequence, index: Math.min(index, 2 ** 31 - 1), number };
}

/** A run's log from the first attempt on, then live. */
export function logStream(
	context: Context,
	{ runId, after }: { readonly runId: string; readonly after: string | null },
	signal: AbortSignal,
): AsyncIterableIterator<LogFrame> {
	let position: LinePosition = decodeLineCursor(after);
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

/** A page of a run's lines, or of those that hold a text. What could not be stored is looked for as it was stored. */
export async function logLinesOf(
	context: Context,
	runId: string,
	{ after, first, search }: LogLinesQuery,
): Promise<readonly LogLine[]> {
	if (!isId(runId)) return [];
	const page = { after: decodeLineCursor(after), search: toStorableText(search ?? ''), limit: first };
	const lines = await listLines(context.database, runId, page);
	return lines.map(({ position, line }) => ({ cursor: encodeLineCursor(position), number: position.number, line }));
}

export const logLineCount = (context: Context, runId: string, search: string | null): Promise<number> =>
	isId(runId) ? countLines(context.database, runId, toStorableText(search ?? '')) : Promise.resolve(0);
