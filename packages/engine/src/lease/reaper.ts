import { findOverdueRuns } from '@graft/database/attempt';
import type { LeaseSettings } from '@graft/domain/lease';
import type { Context } from '../context/context.js';
import { reapExpired } from './reap-expired.js';

const RUNS_PER_ROUND = 100;
/** Of a lease. A trainer renews at each third of it, so that after two thirds without a renewal the last chance is near. */
const AWAY = 2 / 3;

export interface Reaper {
	/** From now on somebody asks all the time, and nothing is taken back for one lease. */
	begin(): void;
	/** Takes a round of overdue leases back; answers how many. */
	reap(context: Context): Promise<number>;
}

/**
 * Decides when overdue leases may be taken back. For one lease after the start none is, nor after the database or this process
 * has been away (stopped, cut off, out of breath): no trainer could renew meanwhile, and those that live come back within that
 * time. Who asks while a round goes on waits for its answer: of a hundred workers that find the queue empty at once, one looks.
 */
export function createReaper({ leaseSeconds }: LeaseSettings): Reaper {
	let graceEndsAt = 0;
	/** When the database last answered; null: nobody asks regularly. */
	let answeredAt: number | null = null;
	let round: Promise<number> | null = null;
	const grantGrace = () => {
		graceEndsAt = performance.now() + leaseSeconds * 1000;
		answeredAt = graceEndsAt;
	};

	async function look(context: Context): Promise<number> {
		const overdue = await findOverdueRuns(context.database, RUNS_PER_ROUND);
		if (answeredAt !== null) {
			const awayMs = performance.now() - answeredAt;
			if (awayMs > AWAY * leaseSeconds * 1000) {
				grantGrace();
				context.logger.warn({ awayMs: Math.round(awayMs) }, 'trainers could not renew; they get one lease to do so');
				return 0;
			}
			answeredAt = performance.now();
		}
		return reapExpired(context, overdue);
	}

	return {
		begin: grantGrace,
		reap: async (context) => {
			if (performance.now() < graceEndsAt) return 0;
			round ??= look(context).finally(() => {
				round = null;
			});
			return round;
		},
	};
}
