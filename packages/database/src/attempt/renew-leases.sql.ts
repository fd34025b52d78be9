import type { LeaseSettings } from '@graft/domain/lease';
import type { Run } from '@graft/domain/run';
import { byteas, texts, uuids } from '../connection/binary-array.js';
import type { Session, Statement } from '../connection/index.js';
import type { RenewedLease } from './fence.sql.js';

/**
 * No lock is waited for: renewals hold up nobody, and a finish that holds one of the runs holds up no renewal but its own. An
 * attempt is fenced as in every write: who took its lock saw it not ended. Progress is fenced by the run's own row: an attempt
 * that ends takes the run out of RUNNING, and a later one has another number.
 * The LATERAL with its LIMIT makes it a look-up for each lease, whatever the planner believes of the tables, and the sub-selects
 * hide how long the arrays are: the statement is planned once, where planning takes longer than everything else.
 * It is the one write that does not wait for the disk. A crash that swallows a renewal takes the lease back to the one before,
 * which the next heartbeat renews; whatever is written under the lease waits, and takes this to the disk with it.
 */
const renew: Statement = {
	name: 'renew-leases',
	text: `
		WITH asked AS MATERIALIZED (
			SELECT run_id, token_hash, nullif(progress, '')::jsonb AS progress
			FROM unnest((SELECT $1::uuid[]), (SELECT $2::bytea[]), (SELECT $3::text[]))
				AS asked (run_id, token_hash, progress)
			WHERE set_config('synchronous_commit', 'off', true) = 'off'
		), free AS MATERIALIZED (
			SELECT one.run_id, one.number, asked.progress FROM asked, LATERAL (
				SELECT run_id, number FROM attempt
				WHERE attempt.run_id = asked.run_id AND attempt.token_hash = asked.token_hash AND ended_at IS NULL
				LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
			) AS one
		), held AS (
			UPDATE attempt SET lease_expires_at = clock_timestamp()
				+ CASE WHEN worker_id IS NULL THEN $5::float8 ELSE $4::float8 END * interval '1 second'
			FROM free WHERE attempt.run_id = free.run_id AND attempt.number = free.number
			RETURNING attempt.run_id, attempt.number, worker_id, lease_expires_at, free.progress
		), silent AS MATERIALIZED (
			SELECT one.id FROM held, LATERAL (
				SELECT id FROM worker
				WHERE id = held.worker_id AND last_seen_at < clock_timestamp() - $6::float8 * interval '1 second'
				LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
			) AS one
		), seen AS (
			UPDATE worker SET last_seen_at = clock_timestamp() FROM silent WHERE worker.id = silent.id
		), further AS MATERIALIZED (
			SELECT one.id, held.progress FROM held, LATERAL (
				SELECT id FROM run
				WHERE id = held.run_id AND status = 'RUNNING' AND attempts = held.number
					AND run.progress IS DISTINCT FROM held.progress
				LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
			) AS one WHERE held.progress IS NOT NULL
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
	{ leaseSeconds, scriptLeaseSeconds, heartbeatSeconds }: LeaseSettings,
): Promise<readonly RenewedTogether[]> {
	return session.query<RenewedTogether>(renew, [
		...[uuids(asked.map(({ runId }) => runId)), byteas(asked.map(({ tokenHash }) => tokenHash))],
		texts(asked.map(({ progress }) => progress ?? '')),
		...[leaseSeconds, scriptLeaseSeconds, heartbeatSeconds],
	]);
}
