export {
	endAttempt,
	type FencedAttempt,
	findAttemptByToken,
	lockAttemptByToken,
	renewLease,
} from './fence.sql.js';
export { findAttempts, findLiveAttempt, findWorkerOrders, type WorkerOrder } from './find-attempts.sql.js';
export { beginAttempt, isWorkWaiting, lockFreeSlots, pickNextRun, setResumedFromStep } from './lease-next-run.sql.js';
export { findOverdueRuns, lockOverdueAttempt, type OverdueAttempt } from './overdue-attempts.sql.js';
