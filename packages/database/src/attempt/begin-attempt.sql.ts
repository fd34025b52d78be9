import type { Session, Statement } from '../connection/index.js';

/**
 * The worker's row is the lock of its slots: two calls of one worker cannot both see the last slot free. Answers no row
 * for an unknown worker.
 */
const worker: Statement = {
	name: 'lock-worker',
	text: `UPDATE worker SET last_seen_at = clock_timestamp() WHERE id = $1 RETURNING slots, name, drain_requested_at IS NOT NULL AS draining`,
};
const held: Statement = {
	name: 'live-attempts-of-worker',
	text: `
		SELECT run_id AS "runId", number, token_hash = $2 AS "isAsked" FROM attempt
		WHERE worker_id = $1 AND ended_at IS NULL`,
};

export interface FreeSlots {
	readonly name: string;
	readonly draining: boolean;
	/** Slots that hold no run; a draining worker has none. */
	readonly free: number;
	/** The lease of this token, where the worker has it already. */
	readonly has: { readonly runId: string; readonly number: number } | null;
}

/** What the worker may still take, or null for an unknown worker. */
export async function lockFreeSlots(session: Session, workerId: string, tokenHash: Buffer): Promise<FreeSlots | null> {
	// The second follows on the first without waiting for its answer, and sees what the lock has waited for.
	const [[row], live] = await Promise.all([
		session.query<{ slots: number; name: string; draining: boolean }>(worker, [workerId]),
		session.query<{ runId: string; number: number; isAsked: boolean }>(held, [workerId, tokenHash]),
	]);
	if (row === undefined) return null;
	const { name, draining, slots } = row;
	return { name, draining, free: draining ? 0 : slots - live.length, has: live.find(({ isAsked }) => isAsked) ?? null };
}

const begin: Statement = {
	name: 'begin-attempt',
	text: `
		INSERT INTO attempt (run_id, number, worker_id, token_hash, started_at, lease_expires_at, resumed_from_step)
		VALUES ($1, $2, $3, $4, clock_timestamp(), clock_timestamp() + $5 * interval '1 second', $6)
		RETURNING lease_expires_at AS "expiresAt"`,
};

export interface NewAttempt {
	readonly runId: string;
	readonly number: number;
	readonly workerId: string | null;
	readonly tokenHash: Buffer;
	readonly leaseSeconds: number;
	readonly resumedFromStep: number | null;
}

/** Opens the attempt; answers when its lease runs out, by the database's clock. The caller holds the run's lock. */
export async function beginAttempt(session: Session, attempt: NewAttempt): Promise<Date> {
	const { runId, number, workerId, tokenHash, leaseSeconds, resumedFromStep } = attempt;
	const values = [runId, number, workerId, tokenHash, leaseSeconds, resumedFromStep];
	const [row] = await session.query<{ expiresAt: Date }>(begin, values);
	if (row === undefined) throw new Error('INSERT answered no row');
	return row.expiresAt;
}

const resumeFrom: Statement = {
	name: 'set-resumed-from-step',
	text: `UPDATE attempt SET resumed_from_step = $3 WHERE run_id = $1 AND token_hash = $2 AND ended_at IS NULL`,
};

/** The attempt goes on from elsewhere than it was told when it began. The caller holds the locks of run and attempt. */
export async function setResumedFromStep(session: Session, runId: string, tokenHash: Buffer, step: number | null) {
	await session.query(resumeFrom, [runId, tokenHash, step]);
}
