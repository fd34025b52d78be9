import type { Session, Statement } from '../connection/index.js';

/** Behind line `index` (from 1) of a chunk; index 0 with sequence 0 is the start. */
export interface LinePosition {
	readonly attempt: number;
	readonly sequence: number;
	readonly index: number;
}
export const LOG_START: LinePosition = { attempt: 0, sequence: 0, index: 0 };

export interface StoredLine {
	readonly position: LinePosition;
	readonly line: string;
}

const read: Statement = {
	name: 'read-lines',
	text: `
		SELECT attempt, sequence, index::integer, line
		FROM log_chunk, unnest(lines) WITH ORDINALITY AS numbered (line, index)
		WHERE run_id = $1 AND (attempt, sequence) >= ($2, $3)
			AND NOT (attempt = $2 AND sequence = $3 AND index <= $4)
		ORDER BY attempt, sequence, index LIMIT $5`,
};

/** At most `limit` lines of the run after a position, in the order in which they were written. */
export async function readLines(
	session: Session,
	runId: string,
	after: LinePosition,
	limit: number,
): Promise<readonly StoredLine[]> {
	const rows = await session.query<LinePosition & { line: string }>(read, [
		...[runId, after.attempt, after.sequence, after.index, limit],
	]);
	return rows.map(({ line, ...position }) => ({ position, line }));
}
