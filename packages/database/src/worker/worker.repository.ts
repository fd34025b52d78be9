import type { Worker } from '@graft/domain/worker';
import { In, MoreThan } from 'typeorm';
import { orGraftError } from '../connection/database-error.js';
import type { Session, Statement } from '../connection/index.js';
import { insertOnce } from '../connection/insert-once.js';
import { WorkerEntity } from './worker.entity.js';

const toWorker = (row: WorkerEntity): Worker => ({
	...row,
	memoryBytes: row.memoryBytes === null ? null : Number(row.memoryBytes),
});

export async function insertWorker(
	session: Session,
	worker: Omit<Worker, 'registeredAt' | 'lastSeenAt' | 'drainRequestedAt'>,
): Promise<Worker> {
	return toWorker(await insertOnce(session, WorkerEntity, worker, { id: worker.id }));
}

export async function findWorkers(session: Session, ids: readonly string[]): Promise<Worker[]> {
	return (await orGraftError(session.manager.findBy(WorkerEntity, { id: In([...ids]) }))).map(toWorker);
}

/** Workers that were seen after `since`, the latest first. */
export async function findWorkersSeenSince(session: Session, since: Date): Promise<Worker[]> {
	const where = { lastSeenAt: MoreThan(since) };
	return (
		await orGraftError(session.manager.find(WorkerEntity, { where, order: { lastSeenAt: 'DESC', id: 'DESC' } }))
	).map(toWorker);
}

const drain: Statement = {
	name: 'drain-worker',
	text: `
		UPDATE worker SET drain_requested_at = coalesce(drain_requested_at, clock_timestamp()) WHERE id = $1
		RETURNING id`,
};

/** Notes that the worker is to take no more runs; null for an unknown one. */
export async function requestDrain(session: Session, id: string): Promise<Worker | null> {
	await session.query(drain, [id]);
	return (await findWorkers(session, [id]))[0] ?? null;
}

/** SKIP LOCKED: who is locked is being seen at this moment, and nobody waits for anybody. */
const touch: Statement = {
	name: 'touch-workers',
	text: `
		UPDATE worker SET last_seen_at = clock_timestamp()
		WHERE id IN (SELECT id FROM worker WHERE id = ANY($1::uuid[]) FOR NO KEY UPDATE SKIP LOCKED)`,
};

export async function touchWorkers(session: Session, ids: readonly string[]): Promise<void> {
	await session.query(touch, [ids]);
}
