import { findLatestArtifact } from '@graft/database/artifact';
import type { FencedAttempt, HeldRun } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { NOW, type RunPatch } from '@graft/database/run';
import { RESUME_KIND } from '@graft/domain/artifact';
import { afterFailure, type Failure } from '@graft/domain/run';
import { mustGo } from './settle.js';

export interface Fate {
	readonly patch: RunPatch;
	/** For the run's record: what becomes of it. */
	readonly message: string;
}

/**
 * What becomes of a run whose attempt has failed and that another attempt may help (retry-policy.ts). What a user asked
 * for meanwhile, and the worker did not live to carry out, is carried out now. The caller holds the run's lock.
 */
export async function failAttempt(
	session: Session,
	row: HeldRun,
	attempt: Pick<FencedAttempt, 'number' | 'resumedFromStep'>,
	failure: Failure,
	maxAttempts: number,
): Promise<Fate> {
	const crashes = (await hasAdvanced(session, row.id, attempt)) ? 1 : row.crashes + 1;
	const decision = afterFailure(failure.kind, crashes, maxAttempts);
	const ended = { crashes, finishedAt: NOW, pauseRequestedAt: null } as const;
	if (row.cancelRequestedAt !== null)
		return { patch: { ...ended, status: mustGo(row.status, 'cancel') }, message: 'It was to be cancelled, and is.' };
	if (row.isScripted || decision.kind === 'fail')
		return {
			patch: { ...ended, status: mustGo(row.status, 'giveUp'), failure: lastWords(row, failure, crashes) },
			message: row.isScripted ? 'Nobody else can go on with it.' : 'No attempts are left.',
		};
	const waiting = { crashes, progress: null, pauseRequestedAt: null } as const;
	if (row.pauseRequestedAt !== null)
		return { patch: { ...waiting, status: mustGo(row.status, 'pause') }, message: 'It was to be paused, and is.' };
	const { waitMs } = decision;
	const transition = failure.kind === 'LEASE_EXPIRED' ? 'expire' : 'retryLater';
	return {
		patch: {
			...waiting,
			status: mustGo(row.status, transition),
			retryAt: waitMs === 0 ? null : { afterMs: waitMs },
		},
		message: `It is queued again${waitMs === 0 ? '' : `, for in ${waitMs / 1000} s`}.`,
	};
}

/** Whether the attempt left a checkpoint further on than where it began: then the failures before it do not count. */
async function hasAdvanced(
	session: Session,
	runId: string,
	{ number, resumedFromStep }: Pick<FencedAttempt, 'number' | 'resumedFromStep'>,
): Promise<boolean> {
	const newest = await findLatestArtifact(session, runId, RESUME_KIND);
	return newest !== null && newest.attempt === number && (newest.step ?? 0) > (resumedFromStep ?? 0);
}

/** Why the run has failed, for its user. */
function lastWords(row: HeldRun, failure: Failure, crashes: number): Failure {
	if (failure.kind !== 'LEASE_EXPIRED' || row.isScripted) return failure;
	const message = `${crashes} attempts in a row ended without a word from their workers, the last one number ${row.attempts}. See the trainers' logs, then retry the run.`;
	return { kind: 'TOO_MANY_ATTEMPTS', message, retryable: true };
}
