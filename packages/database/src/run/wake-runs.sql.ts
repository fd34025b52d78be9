import type { Run } from '@graft/domain/run';
import type { Session, Statement } from '../connection/index.js';
import type { RunEntity } from './run.entity.js';
import { RUN_COLUMNS, toRun } from './run-row.js';

/** SKIP LOCKED: whoever holds the run is about to cancel or pause it, and then it need not be woken. */
const wake: Statement = {
	name: 'wake-runs',
	text: `
		UPDATE run SET retry_at = NULL
		WHERE id IN (
			SELECT id FROM run WHERE retry_at <= clock_timestamp() ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
		)
		RETURNING ${RUN_COLUMNS}`,
};

/** Puts the runs that have waited long enough in line again; answers them. */
export async function wakeRuns(session: Session): Promise<Run[]> {
	return (await session.query<RunEntity>(wake)).map(toRun);
}
