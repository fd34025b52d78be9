import type { RunRequirements, Worker } from '@graft/domain/worker';
import type { Session, Statement } from '../connection/index.js';
import type { RunEntity } from '../run/run.entity.js';

/** What one experiment asks of one kind of worker at one priority. */
interface Lane {
	readonly priority: number;
	readonly experimentId: string;
	readonly requires: RunRequirements;
}

const QUEUED = `status = 'QUEUED' AND deleted_at IS NULL AND retry_at IS NULL`;
const HEAD = 'priority, experiment_id, requires, queued_at, id';

/**
 * The recursion jumps along run_lane_index from the head of a lane to the head of the next, so its cost is the number of
 * lanes and not that of runs: a queue of 100,000 runs that nobody here can train costs one probe for each kind of them.
 */
const LANES = `
	RECURSIVE lane AS (
		(SELECT ${HEAD} FROM run WHERE ${QUEUED}
		ORDER BY priority DESC, experiment_id, requires, queued_at, id LIMIT 1)
		UNION ALL
		SELECT next.* FROM lane, LATERAL (
			(SELECT ${HEAD} FROM run
			WHERE ${QUEUED} AND run.priority = lane.priority
				AND (run.experiment_id, run.requires) > (lane.experiment_id, lane.requires)
			ORDER BY experiment_id, requires, queued_at, id LIMIT 1)
			UNION ALL
			(SELECT ${HEAD} FROM run WHERE ${QUEUED} AND run.priority < lane.priority
			ORDER BY priority DESC, experiment_id, requires, queued_at, id LIMIT 1)
			LIMIT 1
		) AS next
	)`;

/**
 * The lanes that this worker may take from: highest priority first, of one priority the lane whose experiment trains
 * fewest runs now, of those the one whose oldest run waits longest. Script runs hold no worker and do not count.
 */
const lanes: Statement = {
	name: 'lanes-of-worker',
	text: `
		WITH ${LANES}, training AS MATERIALIZED (
			SELECT experiment_id, count(*) AS runs FROM run
			WHERE status = 'RUNNING' AND spec IS NOT NULL GROUP BY experiment_id
		)
		SELECT lane.priority, lane.experiment_id AS "experimentId", lane.requires
		FROM lane LEFT JOIN training USING (experiment_id), worker
		WHERE worker.id = $1
			AND coalesce(lane.requires ->> 'backend' = worker.backend, true)
			AND (NOT lane.requires ? 'memoryBytes' OR (lane.requires ->> 'memoryBytes')::bigint <= worker.memory_bytes)
			AND (NOT lane.requires ? 'labels' OR worker.labels @> (lane.requires -> 'labels'))
		ORDER BY lane.priority DESC, coalesce(training.runs, 0), lane.queued_at, lane.id`,
};

/** SKIP LOCKED: two workers that ask at the same moment get two runs instead of waiting for each other. */
const oldest: Statement = {
	name: 'oldest-run-of-lane',
	text: `
		SELECT id, status, attempts, started_at AS "startedAt" FROM run
		WHERE ${QUEUED} AND priority = $1 AND experiment_id = $2 AND requires = $3
		ORDER BY queued_at, id
		LIMIT 1
		FOR NO KEY UPDATE SKIP LOCKED`,
};

export type PickedRun = Pick<RunEntity, 'id' | 'status' | 'attempts' | 'startedAt'>;

/** Locks and answers the run that this worker is to train next; null where no lane has a run for it. */
export async function pickRun(session: Session, workerId: string): Promise<PickedRun | null> {
	for (const { priority, experimentId, requires } of await session.query<Lane>(lanes, [workerId])) {
		const [row] = await session.query<PickedRun>(oldest, [priority, experimentId, JSON.stringify(requires)]);
		// None is left where others have taken the last ones since the lanes were read.
		if (row !== undefined) return row;
	}
	return null;
}

const queuedLanes: Statement = {
	name: 'queued-lanes',
	text: `
		WITH ${LANES}
		SELECT lane.requires, counted.runs
		FROM lane, LATERAL (
			SELECT count(*) AS runs FROM (
				SELECT FROM run WHERE ${QUEUED} AND run.priority = lane.priority
					AND run.experiment_id = lane.experiment_id AND run.requires = lane.requires
				LIMIT $1
			) AS queued
		) AS counted
		ORDER BY lane.priority DESC`,
};

/** What the queue asks for, highest priority first, with the number of its runs, counted up to `limit`. */
export async function findQueuedLanes(
	session: Session,
	limit: number,
): Promise<readonly { readonly requires: RunRequirements; readonly runs: number }[]> {
	return session.query(queuedLanes, [limit]);
}

const idle: Statement = {
	name: 'idle-workers',
	text: `
		SELECT id, backend, memory_bytes AS "memoryBytes", labels FROM worker
		WHERE id = ANY($1::uuid[]) AND drain_requested_at IS NULL
			AND slots > (SELECT count(*) FROM attempt WHERE attempt.worker_id = worker.id AND ended_at IS NULL)`,
};

/** Those of the workers that have a slot without a run. */
export async function findIdleWorkers(
	session: Session,
	ids: readonly string[],
): Promise<Pick<Worker, 'id' | 'backend' | 'memoryBytes' | 'labels'>[]> {
	return [...(await session.query<Pick<Worker, 'id' | 'backend' | 'memoryBytes' | 'labels'>>(idle, [ids]))];
}
