import type { Session, Statement } from '../connection/index.js';

/** The gate is the same as that of append-metrics, with a counter of its own. */
const append: Statement = {
	name: 'append-lines',
	text: `
		WITH gate AS (
			UPDATE attempt SET last_log_sequence = $3
			WHERE run_id = $1 AND token_hash = $2 AND ended_at IS NULL AND last_log_sequence = $3 - 1
			RETURNING number
		), chunk AS (
			INSERT INTO log_chunk (run_id, attempt, sequence, lines)
			SELECT $1, number, $3, $4::text[] FROM gate WHERE cardinality($4::text[]) > 0
		)
		SELECT number FROM gate`,
};

/** True: stored now. False: the gate was shut, and the attempt's row says why. */
export async function appendLines(
	session: Session,
	runId: string,
	tokenHash: Buffer,
	sequence: number,
	lines: readonly string[],
): Promise<boolean> {
	return (await session.query(append, [runId, tokenHash, sequence, lines])).length > 0;
}
