import type { Run } from '@graft/domain/run';
import type { Session, Statement } from '../connection/index.js';

/** Whoever launches runs into the experiment waits for this lock, or is waited for. */
const lock: Statement = {
	name: 'lock-experiment',
	text: 'SELECT deleted_at IS NOT NULL AS "isDeleted" FROM experiment WHERE id = $1 FOR UPDATE',
};
const share: Statement = {
	name: 'share-experiment',
	text: 'SELECT deleted_at IS NOT NULL AS "isDeleted" FROM experiment WHERE id = $1 FOR KEY SHARE',
};

/** Null: there is no such experiment. */
export async function lockExperiment(session: Session, id: string): Promise<{ readonly isDeleted: boolean } | null> {
	return (await session.query<{ isDeleted: boolean }>(lock, [id]))[0] ?? null;
}

/** Whether runs may be added now, and until the end of this transaction. */
export async function holdExperiment(session: Session, id: string): Promise<boolean> {
	return (await session.query<{ isDeleted: boolean }>(share, [id]))[0]?.isDeleted === false;
}

const lockRuns: Statement = {
	name: 'lock-runs-of-experiment',
	text: `SELECT name, status FROM run WHERE experiment_id = $1 AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE`,
};

/** Locks the runs that are not in the trash; answers the names of those that are trained now. */
export async function lockTrainingRuns(session: Session, id: string): Promise<string[]> {
	const runs = await session.query<{ name: string; status: string }>(lockRuns, [id]);
	return runs.filter(({ status }) => status === 'RUNNING').map(({ name }) => name);
}

type Changed = Pick<Run, 'id' | 'experimentId' | 'sweepId' | 'status'>;
const CHANGED = 'run.id, run.experiment_id AS "experimentId", run.sweep_id AS "sweepId", run.status';

/** The same instant on all of them tells the runs that went with the experiment from those that were deleted before. */
const discard: Statement = {
	name: 'delete-experiment',
	text: `
		WITH gone AS (UPDATE experiment SET deleted_at = now() WHERE id = $1)
		UPDATE run SET deleted_at = now() WHERE experiment_id = $1 AND deleted_at IS NULL RETURNING ${CHANGED}`,
};
const restore: Statement = {
	name: 'restore-experiment',
	text: `
		WITH gone AS MATERIALIZED (SELECT id, deleted_at FROM experiment WHERE id = $1),
		back AS (UPDATE experiment SET deleted_at = NULL WHERE id = $1)
		UPDATE run SET deleted_at = NULL FROM gone
		WHERE run.experiment_id = gone.id AND run.deleted_at = gone.deleted_at RETURNING ${CHANGED}`,
};

/** Deletes the experiment with its runs, or restores it with those that went with it. The caller holds its lock. */
export async function moveExperiment(session: Session, id: string, to: 'trash' | 'back'): Promise<readonly Changed[]> {
	return session.query<Changed>(to === 'trash' ? discard : restore, [id]);
}

/** A run that was restored by itself keeps its experiment. */
const expired: Statement = {
	name: 'lock-expired-experiments',
	text: `
		SELECT id FROM experiment
		WHERE deleted_at < now() - $1 * interval '1 second'
			AND NOT EXISTS (SELECT FROM run WHERE run.experiment_id = experiment.id)
		ORDER BY deleted_at LIMIT 100
		FOR UPDATE SKIP LOCKED`,
};
const purge: readonly Statement[] = ['sweep WHERE experiment_id', 'experiment WHERE id'].map((what, index) => ({
	name: `purge-experiments-${index}`,
	text: `DELETE FROM ${what} = ANY($1::uuid[])`,
}));

/** Removes experiments that were deleted more than `seconds` ago and whose runs are gone; answers how many. */
export async function purgeExperiments(session: Session, seconds: number): Promise<number> {
	const ids = (await session.query<{ id: string }>(expired, [seconds])).map(({ id }) => id);
	if (ids.length > 0) for (const statement of purge) await session.query(statement, [ids]);
	return ids.length;
}
