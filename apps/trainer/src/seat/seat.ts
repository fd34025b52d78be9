import type { Logger } from '@graft/runtime/logger';
import { type ExecutionOutcome, executeRun, type RunExecution } from '../work/execute-run.js';
import type { LeaseKeeper } from '../work/lease-keeper.js';

/** A leased run as plain data, so that it may be trained in another process. */
export interface Job
	extends Pick<RunExecution, 'lease' | 'next' | 'spec' | 'resumeFrom' | 'heartbeatMs' | 'introduction'> {
	/** Number of the attempt, for logs. */
	readonly attempt: number;
}

/** A place of a worker where one run at a time is trained. */
export interface Seat {
	/** Trains the run and reports it to its end, whatever that is. */
	execute(job: Job, logger: Logger): Promise<ExecutionOutcome>;
	/** A push said that something about the run at this seat has changed. */
	renewNow(): void;
	close(): Promise<void>;
}

/** What runs at a seat share. */
export type Workplace = Omit<RunExecution, keyof Job | 'logger' | 'onKeeper'>;

/** A seat in this process. */
export function localSeat(workplace: Workplace): Seat {
	let current: LeaseKeeper | null = null;
	return {
		execute: async (job, logger) => {
			try {
				return await executeRun({
					...workplace,
					...job,
					logger,
					onKeeper: (keeper) => {
						current = keeper;
					},
				});
			} finally {
				current = null;
			}
		},
		renewNow: () => current?.renewNow(),
		close: async () => undefined,
	};
}
