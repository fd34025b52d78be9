import type { Session, Statement } from '../connection/index.js';
import type { RunEntity } from '../run/run.entity.js';

/**
 * The run's lock comes first, as for every writer. Where it was waited for, the attempt's row is read anew: an attempt that
 * somebody else ended meanwhile is not ended twice.
 */
const byToken: Statement = {
	name: 'end-attempt-by-token',
	text: `
		WITH held AS MATERIALIZED (
			SELECT id, status, attempts, crashes, spec IS NULL AS "isScripted", cancel_requested_at AS "cancelRequestedAt",
				pause_requested_at AS "pauseRequestedAt"
			FROM run WHERE id = $1 FOR NO KEY UPDATE
		), ended AS (
			UPDATE attempt SET ended_at = clock_timestamp(), outcome = $3 FROM held
			WHERE attempt.run_id = held.id AND attempt.token_hash = $2 AND attempt.ended_at IS NULL
			RETURNING attempt.number, attempt.resumed_from_step
		)
		SELECT held.*, ended.number AS attempt, ended.resumed_from_step AS "resumedFromStep" FROM held, ended`,
};

/** What decides where a run goes when an attempt of it has ended. */
export interface HeldRun
	extends Pick<RunEntity, 'id' | 'status' | 'attempts' | 'crashes' | 'cancelRequestedAt' | 'pauseRequestedAt'> {
	/** A script trains it by itself: nobody else can go on with it. */
	readonly isScripted: boolean;
}

export interface EndedAttempt {
	/** As it was before the end, locked until the transaction ends. */
	readonly run: HeldRun;
	readonly number: number;
	readonly resumedFromStep: number | null;
}

/**
 * Ends the attempt that a token stands for, in the statement that checks it; what follows from the end is fenced by this
 * answer. After it no write of the attempt is taken. Null: the token is not one of a living attempt of the run.
 */
export async function endAttemptByToken(
	session: Session,
	runId: string,
	tokenHash: Buffer,
	outcome: string,
): Promise<EndedAttempt | null> {
	const values = [runId, tokenHash, outcome];
	const [row] = await session.query<HeldRun & { attempt: number; resumedFromStep: number | null }>(byToken, values);
	if (row === undefined) return null;
	const { attempt: number, resumedFromStep, ...run } = row;
	return { run, number, resumedFromStep };
}

const byNumber: Statement = {
	name: 'end-attempt',
	text: `UPDATE attempt SET ended_at = clock_timestamp(), outcome = $3
		WHERE run_id = $1 AND number = $2 AND ended_at IS NULL`,
};

/** The same for who takes the run from its holder. The caller holds the locks of run and attempt. */
export async function endAttempt(session: Session, runId: string, number: number, outcome: string): Promise<void> {
	await session.query(byNumber, [runId, number, outcome]);
}
