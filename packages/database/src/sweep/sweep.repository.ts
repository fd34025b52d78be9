import type { Sweep } from '@graft/domain/sweep';
import { In } from 'typeorm';
import { orGraftError } from '../connection/database-error.js';
import type { Session, Statement } from '../connection/index.js';
import { insertOnce } from '../connection/insert-once.js';
import { SweepEntity } from './sweep.entity.js';

const toSweep = ({ revision: _revision, ...row }: SweepEntity): Sweep => row;

export async function insertSweep(session: Session, sweep: Omit<Sweep, 'createdAt'>): Promise<void> {
	await insertOnce(session, SweepEntity, sweep, { id: sweep.id });
}

export async function findSweep(session: Session, id: string): Promise<Sweep | null> {
	const row = await orGraftError(session.manager.findOneBy(SweepEntity, { id }));
	return row === null ? null : toSweep(row);
}

export async function findSweepsByExperiments(session: Session, experimentIds: readonly string[]): Promise<Sweep[]> {
	const where = { experimentId: In([...experimentIds]) };
	return (await orGraftError(session.manager.find(SweepEntity, { where, order: { id: 'ASC' } }))).map(toSweep);
}

const lock: Statement = { name: 'lock-sweep', text: 'SELECT status FROM sweep WHERE id = $1 FOR NO KEY UPDATE' };

/** Locks the sweep; the caller has locked what it needs of its runs before. */
export async function lockSweep(session: Session, id: string): Promise<string | null> {
	const [row] = await session.query<{ status: string }>(lock, [id]);
	return row?.status ?? null;
}

const setStatus: Statement = {
	name: 'set-sweep-status',
	text: 'UPDATE sweep SET status = $2, revision = revision + 1 WHERE id = $1',
};

export async function setSweepStatus(session: Session, id: string, status: string): Promise<void> {
	await session.query(setStatus, [id, status]);
}

const open: Statement = {
	name: 'has-open-trials',
	text: `SELECT EXISTS (SELECT FROM run WHERE sweep_id = $1 AND status IN ('QUEUED', 'RUNNING', 'PAUSED')) AS open`,
};

/** Whether any trial is still to come to its end. The caller holds the sweep's lock. */
export async function hasOpenTrials(session: Session, sweepId: string): Promise<boolean> {
	const [row] = await session.query<{ open: boolean }>(open, [sweepId]);
	return row?.open === true;
}

const version: Statement = {
	name: 'sweep-version',
	text: `
		SELECT sweep.revision + coalesce((SELECT sum(run.revision) FROM run WHERE run.sweep_id = sweep.id), 0) AS version
		FROM sweep WHERE sweep.id = $1`,
};

/**
 * Grows with every change of the sweep or of one of its trials, whatever the order in which transactions commit: each of
 * the revisions only ever grows. Null: there is no such sweep.
 */
export async function sweepVersion(session: Session, id: string): Promise<number | null> {
	const [row] = await session.query<{ version: number }>(version, [id]);
	return row === undefined ? null : Number(row.version);
}
