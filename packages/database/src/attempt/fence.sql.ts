import type { Progress, Run } from '@graft/domain/run';
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
		WITH held AS (
			UPDATE attempt SET lease_expires_at = clock_timestamp()
				+ CASE WHEN worker_id IS NULL THEN $4::float8 ELSE $3::float8 END * interval '1 second'
			WHERE run_id = $1 AND token_hash = $2 AND ended_at IS NULL
			RETURNING run_id, number, worker_id, lease_expires_at
		), seen AS (
			UPDATE worker SET last_seen_at = clock_timestamp() FROM held
			WHERE worker.id = held.worker_id AND worker.last_seen_at < clock_timestamp() - interval '1 second'
		)
		SELECT held.number AS attempt, held.lease_expires_at AS "expiresAt",
			run.cancel_requested_at IS NOT NULL AS "cancelRequested",
			run.pause_requested_at IS NOT NULL AS "pauseRequested",
			$5::jsonb IS NOT NULL AND run.progress IS DISTINCT FROM $5::jsonb AS "hasMoved"
		FROM held JOIN run ON run.id = held.run_id`,
};

export interface RenewedLease {
	readonly attempt: number;
	readonly expiresAt: Date;
	readonly cancelRequested: boolean;
	readonly pauseRequested: boolean;
	/** The progress is another one than the run's. */
	readonly hasMoved: boolean;
}

/** One statement: every worker asks it every few seconds. Null: the attempt has ended. One without a worker is a script's. */
export async function renewLease(
	session: Session,
	runId: string,
	tokenHash: Buffer,
	{ leaseSeconds, scriptLeaseSeconds }: { readonly leaseSeconds: number; readonly scriptLeaseSeconds: number },
	progress: Progress | null,
): Promise<RenewedLease | null> {
	const json = progress === null ? null : JSON.stringify(progress);
	const [row] = await session.query<RenewedLease>(renew, [runId, tokenHash, leaseSeconds, scriptLeaseSeconds, json]);
	return row ?? null;
}

/**
 * The fence of this write is in the run's own row, which is read anew when the statement has waited for its lock: an
 * attempt that ends takes the run out of RUNNING, and a later one has another number.
 */
const progressOf: Statement = {
	name: 'write-progress',
	text: `
		UPDATE run SET progress = $3::jsonb WHERE id = $1 AND status = 'RUNNING' AND attempts = $2
		RETURNING id, experiment_id AS "experimentId", sweep_id AS "sweepId"`,
};

/** Notes how far the attempt is; null where it has ended meanwhile. */
export async function writeProgress(
	session: Session,
	runId: string,
	attempt: number,
	progress: Progress | null,
): Promise<Pick<Run, 'id' | 'experimentId' | 'sweepId'> | null> {
	const values = [runId, attempt, JSON.stringify(progress)];
	const [row] = await session.query<Pick<Run, 'id' | 'experimentId' | 'sweepId'>>(progressOf, values);
	return row ?? null;
}
