import { type FencedAttempt, findAttemptByToken, lockAttemptByToken } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { lockRun, type RunEntity } from '@graft/database/run';
import { hasOpenTrials, lockSweep, setSweepStatus } from '@graft/database/sweep';
import { GraftError } from '@graft/domain/error';
import { type LeaseLost, type LeaseProof, leaseLost } from '@graft/domain/lease';
import { nextStatus, type RunStatus, type RunTransition } from '@graft/domain/run';
import { isId } from '../context/storable.js';
import { hashToken } from './token.js';

export interface Holder {
	readonly run: RunEntity;
	readonly attempt: FencedAttempt;
}

/** Locks the run and the attempt that the proof stands for, ended or not; LeaseLost for a token that fits no attempt. */
export async function lockHolder(session: Session, proof: LeaseProof): Promise<Holder | LeaseLost> {
	const run = isId(proof.runId) ? await lockRun(session, proof.runId) : null;
	if (run === null) return leaseLost(`There is no run ${proof.runId}.`);
	const attempt = await lockAttemptByToken(session, proof.runId, hashToken(proof.token));
	if (attempt === null) return leaseLost('This token is not a lease of this run.');
	return { run, attempt };
}

/** Why a write under this token was not taken. */
export async function lossOf(session: Session, { runId, token }: LeaseProof): Promise<LeaseLost> {
	if (!isId(runId)) return leaseLost(`There is no run ${runId}.`);
	const attempt = await findAttemptByToken(session, runId, hashToken(token));
	return attempt === null ? leaseLost('This token is not a lease of this run.') : whyLost(attempt);
}

/** Why an attempt takes no more writes, in words for the trainer's log. */
export function whyLost(attempt: Pick<FencedAttempt, 'number' | 'outcome'>): LeaseLost {
	const ends: Record<string, string> = {
		EXPIRED: 'its lease ran out without a renewal, and the run was taken back',
		RELEASED: 'it was handed back',
		SUCCEEDED: 'it has finished',
		FAILED: 'it has finished',
		CANCELLED: 'it was cancelled',
	};
	return leaseLost(`Attempt ${attempt.number} takes no more writes: ${ends[attempt.outcome ?? ''] ?? 'it has ended'}.`);
}

/** The status after a transition that the caller has made sure is allowed. */
export function mustGo(status: RunStatus, transition: RunTransition): RunStatus {
	const next = nextStatus(status, transition);
	if (next === null) throw new GraftError('BUG', `A run that is ${status} cannot ${transition}.`);
	return next;
}

/**
 * Finishes the sweep when its last trial has come to an end, and opens it again when one is retried. To be called last in
 * the transaction: two trials that end at once take turns at the sweep's lock, and the second one sees the first.
 */
export async function settleSweep(session: Session, sweepId: string | null): Promise<void> {
	if (sweepId === null) return;
	const status = await lockSweep(session, sweepId);
	const open = await hasOpenTrials(session, sweepId);
	if (status === 'RUNNING' && !open) await setSweepStatus(session, sweepId, 'FINISHED');
	if (status === 'FINISHED' && open) await setSweepStatus(session, sweepId, 'RUNNING');
}
