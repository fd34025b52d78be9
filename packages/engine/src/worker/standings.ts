import { findQueuedLanes, findStandings, type Standing } from '@graft/database/attempt';
import type { Database } from '@graft/database/connection';
import { meetsRequirements } from '@graft/domain/worker';
import { inBatches } from '@graft/runtime/batch';

/** Bounds what one statement answers. */
const MOST_TOGETHER = 500;

/**
 * Where workers stand, asked of the database for all that ask in one turn: hundreds of them do when their streams look again,
 * and when they come back from an API that went down.
 */
export interface Standings {
	/** Null: there is no such worker. */
	of(workerId: string): Promise<Standing | null>;
	/** Whether something in the queue is for this worker. */
	hasWork(worker: Standing): Promise<boolean>;
}

export function createStandings(database: Database): Standings {
	const options = { everyMs: 0, most: MOST_TOGETHER };
	return {
		of: inBatches(async (ids: readonly string[]) => {
			const found = new Map((await findStandings(database, [...new Set(ids)])).map((one) => [one.id, one]));
			return ids.map((id) => found.get(id) ?? null);
		}, options),
		hasWork: inBatches(async (workers: readonly Standing[]) => {
			const lanes = await findQueuedLanes(database, 1);
			return workers.map((worker) => lanes.some(({ requires }) => meetsRequirements(worker, requires)));
		}, options),
	};
}
