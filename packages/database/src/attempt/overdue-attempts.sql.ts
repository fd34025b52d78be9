import type { Session, Statement } from '../connection/index.js';

/**
 * Live attempts are as few as workers, and attempt_live_index holds just them. The expiry itself is in no index on
 * purpose: every renewal would have to write it.
 */
const overdue: Statement = {
	name: 'overdue-attempts',
	text: `
		SELECT run_id AS "runId" FROM attempt
		WHERE ended_at IS NULL AND lease_expires_at <= now()
		ORDER BY lease_expires_at LIMIT $1`,
};

/** Runs whose lease has run out and was not taken back yet, longest overdue first. */
export async function findOverdueRuns(session: Session, limit: number): Promise<string[]> {
	return (await session.query<{ runId: string }>(overdue, [limit])).map(({ runId }) => runId);
}

/** SKIP LOCKED: who holds the run is about to finish, renew or reap it. */
const lockRun: Statement = {
	name: 'try-lock-run',
	text: 'SELECT id FROM run WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED',
};
const lockOverdue: Statement = {
	name: 'lock-overdue-attempt',
	text: `
		SELECT number, worker_id AS "workerId", resumed_from_step AS "resumedFromStep" FROM attempt
		WHERE run_id = $1 AND ended_at IS NULL AND lease_expires_at <= clock_timestamp()
		FOR NO KEY UPDATE`,
};

export interface OverdueAttempt {
	readonly number: number;
	readonly workerId: string | null;
	readonly resumedFromStep: number | null;
}

/** Locks run and attempt if the lease is still overdue now: the holder may have renewed it since it was found. */
export async function lockOverdueAttempt(session: Session, runId: string): Promise<OverdueAttempt | null> {
	if ((await session.query(lockRun, [runId])).length === 0) return null;
	const [attempt] = await session.query<OverdueAttempt>(lockOverdue, [runId]);
	return attempt ?? null;
}
