import { nextStatus, type RunStatus } from '@graft/domain/run';

export type RunChange = 'pause' | 'resume' | 'retry' | 'continue' | 'cancel' | 'delete' | 'restore';

export interface Changeable {
	readonly id: string;
	readonly status: RunStatus;
	readonly cancelRequested: boolean;
	readonly pauseRequested: boolean;
	/** Null for a run that a script trains: only the script could go on with it. */
	readonly freezePlan: object | null;
	/** Since when it is in the trash. */
	readonly deletedAt: string | null;
}

const CHANGES = ['pause', 'resume', 'retry', 'continue', 'cancel'] as const;

/** What can be asked of a run in its state, in the order in which it is offered: the domain's own table says. */
export function possibleChanges(run: Changeable): readonly RunChange[] {
	if (run.deletedAt !== null) return ['restore'];
	const changes = CHANGES.filter((change) => {
		if (run.freezePlan === null && change !== 'cancel') return false;
		const isAsked = run.status === 'RUNNING' && (run.cancelRequested || run.pauseRequested);
		// A pause that the trainer has not carried out yet can be called off.
		if (change === 'resume' && run.status === 'RUNNING') return run.pauseRequested && !run.cancelRequested;
		if (change === 'pause' && isAsked) return false;
		if (change === 'cancel' && run.cancelRequested) return false;
		return nextStatus(run.status, change) !== null;
	});
	// What is being trained is cancelled first.
	return run.status === 'RUNNING' ? changes : [...changes, 'delete'];
}
