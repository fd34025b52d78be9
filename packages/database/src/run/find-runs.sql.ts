import type { Run, RunStatus } from '@graft/domain/run';
import type { Session, Statement } from '../connection/index.js';
import type { RunEntity } from './run.entity.js';
import { RUN_COLUMNS, toRun } from './run-row.js';

const byIds: Statement = {
	name: 'runs-by-ids',
	text: `SELECT ${RUN_COLUMNS} FROM run WHERE id = ANY($1::uuid[])`,
};

/** The runs with these ids, deleted ones too, in the order of the ids; unknown ids are left out. */
export async function findRuns(session: Session, ids: readonly string[]): Promise<Run[]> {
	const rows = await session.query<RunEntity>(byIds, [[...new Set(ids)]]);
	const byId = new Map(rows.map((row) => [row.id, toRun(row)]));
	return ids.flatMap((id) => byId.get(id) ?? []);
}

/**
 * NO KEY UPDATE lets other sessions go on to insert rows that refer to the run (chunks, lines, events). In the order of
 * the ids, so that two lists with common runs wait for each other instead of blocking each other.
 */
const lock: Statement = {
	name: 'lock-runs',
	text: `SELECT ${RUN_COLUMNS} FROM run WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
};

/**
 * Locks the runs until the transaction ends and reads them as they are then. The rule for every writer: first the run,
 * then its attempt, then its sweep; so no two of them can wait for each other.
 */
export async function lockRuns(session: Session, ids: readonly string[]): Promise<RunEntity[]> {
	return [...(await session.query<RunEntity>(lock, [[...new Set(ids)]]))];
}

export async function lockRun(session: Session, id: string): Promise<RunEntity | null> {
	const [row] = await session.query<RunEntity>(lock, [[id]]);
	return row ?? null;
}

const byWorkers: Statement = {
	name: 'live-runs-by-workers',
	text: `
		SELECT ${RUN_COLUMNS}, attempt.worker_id AS "workerId"
		FROM attempt JOIN run ON run.id = attempt.run_id
		WHERE attempt.worker_id = ANY($1::uuid[]) AND attempt.ended_at IS NULL
		ORDER BY attempt.started_at`,
};

/** What each of these workers holds. */
export async function findRunsByWorkers(
	session: Session,
	workerIds: readonly string[],
): Promise<(Run & { workerId: string })[]> {
	const rows = await session.query<RunEntity & { workerId: string }>(byWorkers, [workerIds]);
	return rows.map((row) => ({ ...toRun(row), workerId: row.workerId }));
}

const ofSweep: Statement = {
	name: 'runs-of-sweep-by-status',
	text: 'SELECT id FROM run WHERE sweep_id = $1 AND status = ANY($2::text[]) ORDER BY id',
};

export async function findRunIdsOfSweep(
	session: Session,
	sweepId: string,
	status: readonly RunStatus[],
): Promise<string[]> {
	const rows = await session.query<{ id: string }>(ofSweep, [sweepId, status]);
	return rows.map(({ id }) => id);
}

const finished: Statement = {
	name: 'finished-runs-of-experiment',
	text: `SELECT ${RUN_COLUMNS} FROM run
		WHERE experiment_id = $1 AND deleted_at IS NULL AND status = ANY($2::text[]) ORDER BY queued_at, id`,
};

export async function findRunsOfExperiment(
	session: Session,
	experimentId: string,
	status: readonly RunStatus[],
): Promise<Run[]> {
	return (await session.query<RunEntity>(finished, [experimentId, status])).map(toRun);
}

const statusCounts: Statement = {
	name: 'status-counts',
	text: `SELECT experiment_id AS "experimentId", status, count(*) AS count FROM run
		WHERE experiment_id = ANY($1::uuid[]) AND deleted_at IS NULL GROUP BY experiment_id, status`,
};

export async function countRunsByStatus(
	session: Session,
	experimentIds: readonly string[],
): Promise<readonly { experimentId: string; status: RunStatus; count: number }[]> {
	return session.query(statusCounts, [experimentIds]);
}
