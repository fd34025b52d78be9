import type { RunEvent } from '@graft/domain/run';
import type { Session, Statement } from '../connection/index.js';

const COLUMNS = 'run_id AS "runId", position, attempt, kind, step, at, message, data';

/** The caller holds the run's lock, which makes the next position a fact. */
const insert: Statement = {
	name: 'insert-run-event',
	text: `
		INSERT INTO run_event (run_id, position, attempt, kind, step, at, message, data, sender_id)
		SELECT $1, coalesce(max(position), 0) + 1, $2, $3, $4, clock_timestamp(), $5, $6, $7
		FROM run_event WHERE run_id = $1
		RETURNING ${COLUMNS}`,
};

export type NewRunEvent = Pick<RunEvent, 'runId' | 'attempt' | 'kind' | 'message'> &
	Partial<Pick<RunEvent, 'step' | 'data'>> & { readonly senderId?: string | null };

export async function insertRunEvent(session: Session, event: NewRunEvent): Promise<RunEvent> {
	const { runId, attempt, kind, step = null, message, data = null, senderId = null } = event;
	const json = data === null ? null : JSON.stringify(data);
	const [row] = await session.query<RunEvent>(insert, [runId, attempt, kind, step, message, json, senderId]);
	if (row === undefined) throw new Error('INSERT answered no row');
	return row;
}

/**
 * The locks in their order, run and attempt, each of which reads its row anew where it was waited for. The position is read as of
 * the statement's begin: where somebody added an event while the lock was waited for it is taken, and nothing is inserted.
 */
const insertFenced: Statement = {
	name: 'insert-fenced-run-event',
	text: `
		WITH held AS MATERIALIZED (
			SELECT id FROM run WHERE id = $1 FOR NO KEY UPDATE
		), living AS MATERIALIZED (
			SELECT attempt.number FROM held JOIN attempt ON attempt.run_id = held.id
			WHERE attempt.token_hash = $2 AND attempt.ended_at IS NULL
			FOR NO KEY UPDATE OF attempt
		)
		INSERT INTO run_event (run_id, position, attempt, kind, step, at, message, data, sender_id)
		SELECT $1, coalesce((SELECT max(position) FROM run_event WHERE run_id = $1), 0) + 1, living.number, $3, $4,
			clock_timestamp(), $5, $6, $7
		FROM living
		ON CONFLICT DO NOTHING
		RETURNING ${COLUMNS}`,
};

/**
 * Adds an event of the living attempt that the token stands for, in the statement that checks it. Null: there is none, or the
 * sender's id is there already, or an event of somebody else took the position; then it may be asked again.
 */
export async function insertFencedEvent(
	session: Session,
	tokenHash: Buffer,
	event: Omit<NewRunEvent, 'attempt'>,
): Promise<RunEvent | null> {
	const { runId, kind, step = null, message, data = null, senderId = null } = event;
	const json = data === null ? null : JSON.stringify(data);
	const [row] = await session.query<RunEvent>(insertFenced, [runId, tokenHash, kind, step, message, json, senderId]);
	return row ?? null;
}

const bySender: Statement = {
	name: 'run-event-by-sender-id',
	text: `SELECT ${COLUMNS} FROM run_event WHERE run_id = $1 AND sender_id = $2`,
};

/** The event that the sender gave this id, or null. */
export async function findSentEvent(session: Session, runId: string, senderId: string): Promise<RunEvent | null> {
	const [row] = await session.query<RunEvent>(bySender, [runId, senderId]);
	return row ?? null;
}

const list: Statement = {
	name: 'list-run-events',
	text: `SELECT ${COLUMNS} FROM run_event WHERE run_id = $1 AND position > $2 ORDER BY position LIMIT $3`,
};

export async function listRunEvents(
	session: Session,
	runId: string,
	afterPosition: number,
	limit: number,
): Promise<readonly RunEvent[]> {
	return session.query<RunEvent>(list, [runId, afterPosition, limit]);
}
