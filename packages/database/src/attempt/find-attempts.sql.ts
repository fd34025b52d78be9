import type { Attempt } from '@graft/domain/run';
import type { Worker } from '@graft/domain/worker';
import type { Session, Statement } from '../connection/index.js';

const COLUMNS = `run_id AS "runId", number, worker_id AS "workerId", started_at AS "startedAt",
	lease_expires_at AS "leaseExpiresAt", ended_at AS "endedAt", outcome, resumed_from_step AS "resumedFromStep"`;

const byRuns: Statement = {
	name: 'attempts-by-runs',
	text: `SELECT ${COLUMNS} FROM attempt WHERE run_id = ANY($1::uuid[]) ORDER BY run_id, number`,
};

export async function findAttempts(session: Session, runIds: readonly string[]): Promise<readonly Attempt[]> {
	return session.query<Attempt>(byRuns, [runIds]);
}

/** What a worker was asked to do about the runs it holds. */
export interface WorkerOrder {
	readonly runId: string;
	readonly attempt: number;
	readonly cancel: boolean;
	readonly pause: boolean;
}
const standings: Statement = {
	name: 'standings-of-workers',
	text: `
		SELECT worker.id, worker.slots, worker.drain_requested_at IS NOT NULL AS draining, worker.backend,
			worker.memory_bytes AS "memoryBytes", worker.labels,
			coalesce(jsonb_agg(jsonb_build_object('runId', run.id, 'attempt', attempt.number,
				'cancel', run.cancel_requested_at IS NOT NULL, 'pause', run.pause_requested_at IS NOT NULL)
				ORDER BY attempt.started_at) FILTER (WHERE run.id IS NOT NULL), '[]') AS orders
		FROM unnest((SELECT $1::uuid[])) AS asked (id) JOIN worker USING (id)
			LEFT JOIN attempt ON attempt.worker_id = worker.id AND attempt.ended_at IS NULL
			LEFT JOIN run ON run.id = attempt.run_id
		GROUP BY worker.id`,
};

/** All that a worker is to be told of. */
export interface Standing extends Pick<Worker, 'id' | 'slots' | 'backend' | 'memoryBytes' | 'labels'> {
	readonly draining: boolean;
	/** One for each run that it holds, the oldest attempt first. */
	readonly orders: readonly WorkerOrder[];
}

/** Of each worker that exists. */
export async function findStandings(session: Session, workerIds: readonly string[]): Promise<readonly Standing[]> {
	return session.query<Standing>(standings, [workerIds]);
}

const holder: Statement = {
	name: 'live-attempt-of-run',
	text: 'SELECT number, worker_id AS "workerId" FROM attempt WHERE run_id = $1 AND ended_at IS NULL',
};

export async function findLiveAttempt(
	session: Session,
	runId: string,
): Promise<{ number: number; workerId: string | null } | null> {
	const [row] = await session.query<{ number: number; workerId: string | null }>(holder, [runId]);
	return row ?? null;
}
