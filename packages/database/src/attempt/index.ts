export { beginAttempt, lockFreeSlots, setResumedFromStep } from './begin-attempt.sql.js';
export { type EndedAttempt, endAttempt, endAttemptByToken, type HeldRun } from './end-attempt.sql.js';
export {
	type FencedAttempt,
	findAttemptByToken,
	lockAttemptByToken,
	type RenewedLease,
	renewLease,
	writeProgress,
} from './fence.sql.js';
export {
	findAttempts,
	findLiveAttempt,
	findStandings,
	type Standing,
	type WorkerOrder,
} from './find-attempts.sql.js';
export { findOverdueRuns, lockOverdueAttempt, type OverdueAttempt } from './overdue-attempts.sql.js';
export { findIdleWorkers, findQueuedLanes, type PickedRun, pickRun } from './pick-run.sql.js';
export { type RenewalAsked, type RenewedTogether, renewLeases } from './renew-leases.sql.js';
