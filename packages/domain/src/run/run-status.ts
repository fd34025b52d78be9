export const RUN_STATUSES = ['QUEUED', 'RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'PRUNED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/**
 * What can happen to a run.
 * lease: a worker took it. expire: the lease ran out and attempts are left. giveUp: it ran out and none are left.
 * release: the worker handed it back unharmed. retryLater: it failed in a way that another attempt may not.
 * pause / resume / retry / cancel / continue: a user asked. finishX: the lease's holder reported.
 */
export const RUN_TRANSITIONS = [
	'lease',
	'expire',
	'giveUp',
	'release',
	'retryLater',
	'pause',
	'resume',
	'retry',
	'continue',
	'cancel',
	'finishSucceeded',
	'finishFailed',
	'finishCancelled',
	'prune',
] as const;
export type RunTransition = (typeof RUN_TRANSITIONS)[number];

const no = null;

/** Every transition from every status; `no`: not allowed from here. Spec in README.md beside this file. */
// biome-ignore format: a table is read by its columns
const table: Record<RunTransition, Record<RunStatus, RunStatus | null>> = {
	lease:           { QUEUED: 'RUNNING',   RUNNING: no,          PAUSED: no,          SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	expire:          { QUEUED: no,          RUNNING: 'QUEUED',    PAUSED: no,          SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	giveUp:          { QUEUED: no,          RUNNING: 'FAILED',    PAUSED: no,          SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	release:         { QUEUED: no,          RUNNING: 'QUEUED',    PAUSED: no,          SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	retryLater:      { QUEUED: no,          RUNNING: 'QUEUED',    PAUSED: no,          SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	pause:           { QUEUED: 'PAUSED',    RUNNING: 'PAUSED',    PAUSED: no,          SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	resume:          { QUEUED: no,          RUNNING: no,          PAUSED: 'QUEUED',    SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	retry:           { QUEUED: no,          RUNNING: no,          PAUSED: no,          SUCCEEDED: no,       FAILED: 'QUEUED', CANCELLED: 'QUEUED', PRUNED: no },
	continue:        { QUEUED: no,          RUNNING: no,          PAUSED: no,          SUCCEEDED: 'QUEUED', FAILED: no,       CANCELLED: no,       PRUNED: no },
	cancel:          { QUEUED: 'CANCELLED', RUNNING: 'CANCELLED', PAUSED: 'CANCELLED', SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	finishSucceeded: { QUEUED: no,          RUNNING: 'SUCCEEDED', PAUSED: no,          SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	finishFailed:    { QUEUED: no,          RUNNING: 'FAILED',    PAUSED: no,          SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	finishCancelled: { QUEUED: no,          RUNNING: 'CANCELLED', PAUSED: no,          SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
	prune:           { QUEUED: no,          RUNNING: 'PRUNED',    PAUSED: no,          SUCCEEDED: no,       FAILED: no,       CANCELLED: no,       PRUNED: no },
};

export const TERMINAL_STATUSES = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'PRUNED'] as const satisfies readonly RunStatus[];

export function isTerminal(status: RunStatus): boolean {
	return (TERMINAL_STATUSES as readonly RunStatus[]).includes(status);
}

/** The status after the transition, or null where the transition is not allowed. */
export function nextStatus(status: RunStatus, transition: RunTransition): RunStatus | null {
	return table[transition][status];
}
