import type { Run } from '@graft/domain/run';
import type { Session, Statement } from '../connection/index.js';
import type { RenewedLease } from './fence.sql.js';

/**
 * Locks are taken in the order of ids and none is waited for: renewals hold up nobody, and a finish that holds one of the
 * runs holds up no renewal but its own. An attempt is fenced as in every write: who took its lock saw it not ended. Progress
 * is fenced by the run's own row: an attempt that ends takes the run out of RUNNING, and a later one has another number.
 */
const renew: Statement = {
	name: 'renew-leases',
	text: `
		WITH asked AS MATERIALIZED (
			SELECT run_id, token_hash, progress::jsonb AS progress
			FROM unnest($1::uuid[], $2::bytea[], $3::text[]) AS asked (run_id, token_hash, progress)
		), free AS MATERIALIZED (
			SELECT attempt.run_id, attempt.number FROM asked JOIN attempt ON attempt.run_id = asked.run_id
			WHERE attempt.ended_at IS NULL AND attempt.token_hash = asked.token_hash
			ORDER BY attempt.run_id FOR NO KEY UPDATE OF attempt SKIP LOCKED
		), held AS (
			UPDATE attempt SET lease_expires_at = clock_timestamp()
				+ CASE WHEN worker_id IS NULL THEN $5::float8 ELSE $4::float8 END * interval '1 second'
			FROM free WHERE attempt.run_id = free.run_id AND attempt.number = free.number
			RETURNING attempt.run_id, attempt.number, worker_id, lease_expires_at
		), silent AS MATERIALIZED (
			SELECT id FROM worker WHERE id IN (SELECT worker_id FROM held)
				AND last_seen_at < clock_timestamp() - interval '1 second'
			ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
		), seen AS (
			UPDATE worker SET last_seen_at = clock_timestamp() FROM silent WHERE worker.id = silent.id
		), further AS MATERIALIZED (
			SELECT run.id, asked.progress FROM asked JOIN held USING (run_id) JOIN run ON run.id = held.run_id
			WHERE run.status = 'RUNNING' AND run.attempts = held.number AND run.progress IS DISTINCT FROM asked.progress
				AND asked.progress IS NOT NULL
			ORDER BY run.id FOR NO KEY UPDATE OF run SKIP LOCKED
		), moved AS (
			UPDATE run SET progress = further.progress FROM further WHERE run.id = further.id RETURNING run.id
		)
		SELECT held.run_id AS "runId", held.number AS attempt, held.lease_expires_at AS "expiresAt",
			run.cancel_requested_at IS NOT NULL AS "cancelRequested",
			run.pause_requested_at IS NOT NULL AS "pauseRequested",
			run.experiment_id AS "experimentId", run.sweep_id AS "sweepId",
			run.id IN (SELECT id FROM moved) AS "hasMoved"
		FROM held JOIN run ON run.id = held.run_id`,
};

export interface RenewalAsked {
	readonly runId: string;
	readonly tokenHash: Buffer;
	/** JSON; null: nothing new. */
	readonly progress: string | null;
}

/** `hasMoved`: the run's progress is now the one that was told. */
export type RenewedTogether = RenewedLease & Pick<Run, 'experimentId' | 'sweepId'> & { readonly runId: string };

/**
 * Renews what can be renewed at once. A lease that is not in the answer has ended, or somebody is at work on it: it is to be
 * asked for by itself. Each run once.
 */
export async function renewLeases(
	session: Session,
	asked: readonly RenewalAsked[],
	{ leaseSeconds, scriptLeaseSeconds }: { readonly leaseSeconds: number; readonly scriptLeaseSeconds: number },
): Promise<readonly RenewedTogether[]> {
	return session.query<RenewedTogether>(renew, [
		asked.map(({ runId }) => runId),
		asked.map(({ tokenHash }) => tokenHash),
		asked.map(({ progress }) => progress),
		leaseSeconds,
		scriptLeaseSeconds,
	]);
}
