import type { Session, Statement } from '../connection/index.js';
import type { AttemptEntity } from './attempt.entity.js';

const COLUMNS = `run_id AS "runId", number, worker_id AS "workerId", started_at AS "startedAt",
	lease_expires_at AS "leaseExpiresAt", ended_at AS "endedAt", outcome, resumed_from_step AS "resumedFromStep",
	last_metric_sequence AS "lastMetricSequence", last_log_sequence AS "lastLogSequence"`;

export type FencedAttempt = Omit<AttemptEntity, 'tokenHash'>;

const byToken: Statement = {
	name: 'attempt-by-token',
	text: `SELECT ${COLUMNS} FROM attempt WHERE run_id = $1 AND token_hash = $2`,
};
const lockByToken: Statement = {
	name: 'lock-attempt-by-token',
	text: `${byToken.text} FOR NO KEY UPDATE`,
};

/**
 * The attempt that a token stands for, ended or not. The fence is `endedAt`: whoever takes a run over, after an expired
 * lease or otherwise, ends the attempt first, in the same transaction. Until then the holder is the only one, even when
 * its lease has run out (the API was away, say), and stopping it would only throw work away.
 */
export async function findAttemptByToken(
	session: Session,
	runId: string,
	tokenHash: Buffer,
): Promise<FencedAttempt | null> {
	const [row] = await session.query<FencedAttempt>(byToken, [runId, tokenHash]);
	return row ?? null;
}

/** The same, and nobody ends or takes over the attempt before this transaction has. The caller holds the run's lock. */
export async function lockAttemptByToken(
	session: Session,
	runId: string,
	tokenHash: Buffer,
): Promise<FencedAttempt | null> {
	const [row] = await session.query<FencedAttempt>(lockByToken, [runId, tokenHash]);
	return row ?? null;
}

const renew: Statement = {
	name: 'renew-lease',
	text: `
		UPDATE attempt SET lease_expires_at = clock_timestamp()
			+ CASE WHEN worker_id IS NULL THEN $4::float8 ELSE $3::float8 END * interval '1 second'
		WHERE run_id = $1 AND token_hash = $2 AND ended_at IS NULL
		RETURNING lease_expires_at AS "expiresAt", worker_id AS "workerId"`,
};

/** Null: the attempt has ended. An attempt without a worker is a script's. */
export async function renewLease(
	session: Session,
	runId: string,
	tokenHash: Buffer,
	{ leaseSeconds, scriptLeaseSeconds }: { readonly leaseSeconds: number; readonly scriptLeaseSeconds: number },
): Promise<{ expiresAt: Date; workerId: string | null } | null> {
	const [row] = await session.query<{ expiresAt: Date; workerId: string | null }>(renew, [
		runId,
		tokenHash,
		leaseSeconds,
		scriptLeaseSeconds,
	]);
	return row ?? null;
}

const end: Statement = {
	name: 'end-attempt',
	text: `UPDATE attempt SET ended_at = clock_timestamp(), outcome = $3
		WHERE run_id = $1 AND number = $2 AND ended_at IS NULL`,
};

/** After this no write of the attempt is taken. The caller holds the locks of run and attempt. */
export async function endAttempt(session: Session, runId: string, number: number, outcome: string): Promise<void> {
	await session.query(end, [runId, number, outcome]);
}
