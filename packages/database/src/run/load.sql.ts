import type { Session, Statement } from '../connection/index.js';

const queue: Statement = {
	name: 'queue-depth',
	text: `
		SELECT count(*) AS "queuedRuns",
			coalesce(extract(epoch FROM clock_timestamp() - min(queued_at)), 0)::float8 AS "oldestQueuedSeconds"
		FROM run WHERE status = 'QUEUED' AND deleted_at IS NULL AND retry_at IS NULL`,
};
const training: Statement = {
	name: 'steps-in-training',
	text: `
		SELECT worker.name AS worker, coalesce((run.progress ->> 'step')::float8, 0) AS step
		FROM attempt JOIN run ON run.id = attempt.run_id JOIN worker ON worker.id = attempt.worker_id
		WHERE attempt.ended_at IS NULL`,
};

/** The queue's depth and age, and the step of every run that a worker holds. */
export async function readLoad(session: Session) {
	const [depth] = await session.query<{ queuedRuns: number; oldestQueuedSeconds: number }>(queue);
	const steps = await session.query<{ worker: string; step: number }>(training);
	return {
		queuedRuns: depth?.queuedRuns ?? 0,
		oldestQueuedSeconds: depth?.oldestQueuedSeconds ?? 0,
		training: steps,
	};
}
