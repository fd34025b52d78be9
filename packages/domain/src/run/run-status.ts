export const RUN_STATUSES = ['QUEUED', 'RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'PRUNED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/**
 * What can happen to a run.
 * lease: a worker took it. expire: the lease ran out and attempts are left. giveUp: it ran out and none are left.
 * release: the worker handed it back. pause / resume / retry / cancel: a user asked. finishX: the lease's holder reported.
 */
export type RunTransition =
	| 'lease'
	| 'expire'
	| 'giveUp'
	| 'release'
	| 'pause'
	| 'resume'
	| 'retry'
	| 'cancel'
	| 'finishSucceeded'
	| 'finishFailed'
	| 'finishCancelled'
	| 'prune';

/** Null: not allowed from here. Spec in README.md beside this file. */
const table: Record<RunStatus, Record<RunTransition, RunStatus | null>> = {
	QUEUED: row({ lease: 'RUNNING', pause: 'PAUSED', cancel: 'CANCELLED' }),
	RUNNING: row({
		expire: 'QUEUED',
		giveUp: 'FAILED',
		release: 'QUEUED',
		pause: 'PAUSED',
		cancel: 'CANCELLED',
		finishSucceeded: 'SUCCEEDED',
		finishFailed: 'FAILED',
		finishCancelled: 'CANCELLED',
		prune: 'PRUNED',
	}),
	PAUSED: row({ resume: 'QUEUED', cancel: 'CANCELLED' }),
	SUCCEEDED: row({}),
	FAILED: row({ retry: 'QUEUED' }),
	CANCELLED: row({ retry: 'QUEUED' }),
	PRUNED: row({}),
};

function row(allowed: Partial<Record<RunTransition, RunStatus>>): Record<RunTransition, RunStatus | null> {
	const none: Record<RunTransition, RunStatus | null> = {
		lease: null,
		expire: null,
		giveUp: null,
		release: null,
		pause: null,
		resume: null,
		retry: null,
		cancel: null,
		finishSucceeded: null,
		finishFailed: null,
		finishCancelled: null,
		prune: null,
	};
	return { ...none, ...allowed };
}

export const TERMINAL_STATUSES = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'PRUNED'] as const satisfies readonly RunStatus[];

export function isTerminal(status: RunStatus): boolean {
	return (TERMINAL_STATUSES as readonly RunStatus[]).includes(status);
}

/** The status after the transition, or null where the transition is not allowed. */
export function nextStatus(status: RunStatus, transition: RunTransition): RunStatus | null {
	return table[status][transition];
}
