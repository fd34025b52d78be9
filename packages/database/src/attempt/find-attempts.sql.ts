import type { Attempt } from '@graft/domain/run';
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
const orders: Statement = {
	name: 'worker-orders',
	text: `
		SELECT run.id AS "runId", attempt.number AS attempt,
			run.cancel_requested_at IS NOT NULL AS cancel, run.pause_requested_at IS NOT NULL AS pause
		FROM attempt JOIN run ON run.id = attempt.run_id
		WHERE attempt.worker_id = $1 AND attempt.ended_at IS NULL
		ORDER BY attempt.started_at`,
};

/** Every run that the worker holds, with what is asked of it. */
export async function findWorkerOrders(session: Session, workerId: string): Promise<readonly WorkerOrder[]> {
	return session.query<WorkerOrder>(orders, [workerId]);
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
