import { dropArtifacts } from '@graft/database/artifact';
import type { EndedAttempt } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { insertRunEvent } from '@graft/database/event';
import { NOW, updateRun } from '@graft/database/run';
import { RESUME_KIND } from '@graft/domain/artifact';
import type { LeaseLost } from '@graft/domain/lease';
import { type Failure, type FreezeVerification, RETRY_RULES, type Run, type RunTransition } from '@graft/domain/run';
import { forgetFiles } from '../artifact/forget-files.js';
import type { Context } from '../context/context.js';
import { refuseUnstorable } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import type { Engine, LeaseAnswer } from '../contract/engine.js';
import type { FinishRunInput } from '../contract/inputs.js';
import { endLease } from './end-lease.js';
import { type Fate, failAttempt } from './fail-attempt.js';
import { afterLease, leaseNext } from './lease-run.js';
import { mustGo, settleSweep } from './settle.js';

const TRANSITIONS: Readonly<Record<FinishRunInput['outcome'], RunTransition>> = {
	SUCCEEDED: 'finishSucceeded',
	FAILED: 'finishFailed',
	CANCELLED: 'finishCancelled',
};
const MESSAGES: Readonly<Record<FinishRunInput['outcome'], string>> = {
	SUCCEEDED: 'The run finished.',
	FAILED: 'The run failed.',
	CANCELLED: 'The run was cancelled.',
};

/**
 * The holder's last word. A holder whose first answer was lost on the way asks again, and gets the same answer: the outcome is
 * the one that was stored, and the next run the one that its token was given. The end and what follows it are one transaction,
 * so that a slot is not empty for longer than it takes, and the next run is picked with this one no longer counted.
 */
export async function finishRun(context: Context, input: FinishRunInput): ReturnType<Engine['finishRun']> {
	const result = await context.dispatches(() =>
		context.database.transaction((session) => end(context, session, input)),
	);
	if (result.kind !== 'Finished') return result;
	const { run, dropped, isNew } = result;
	const offered = run.status === 'QUEUED' ? [topics.queue] : [];
	if (isNew) context.announce([...topicsOfRuns([run]), ...offered]);
	await forgetFiles(context, dropped);
	const next = input.next === null || result.next === null ? null : await afterLease(context, input.next, result.next);
	return { kind: 'RunFinished', run, next };
}

interface Finished {
	readonly kind: 'Finished';
	readonly run: Run;
	/** Digests of files that the run needs no more. */
	readonly dropped: readonly string[];
	/** False: it was finished already. */
	readonly isNew: boolean;
	readonly next: LeaseAnswer | null;
}

async function end(context: Context, session: Session, input: FinishRunInput): Promise<Finished | LeaseLost> {
	const { lease, outcome, failure, verification, summary, progress } = input;
	const unstorable = refuseUnstorable({ failure, verification, summary });
	// The trainer cannot help it, and the run has ended all the same: so what cannot be stored is left out.
	const told =
		unstorable === null ? { failure, verification, summary } : { failure: null, verification: null, summary: null };
	const takeNext = () => (input.next === null ? null : leaseNext(context, session, input.next));
	const ended = await endLease(session, lease, outcome);
	if (ended.kind === 'LeaseLost') return ended;
	if (ended.kind === 'EndedBefore')
		return { kind: 'Finished', run: ended.run, dropped: [], isNew: false, next: await takeNext() };
	const { run: row, number } = ended;
	const fate = await fateOf(context, session, ended, outcome, told);
	// None of them needs the answer of another, and they are carried out in this order.
	const [run, , dropped, next] = await Promise.all([
		updateRun(session, row.id, { ...(progress && { progress }), ...fate.patch }),
		insertRunEvent(session, {
			runId: row.id,
			attempt: number,
			kind: 'FINISHED',
			message: fate.message,
			data: { outcome, summary: told.summary },
		}),
		// From the last one a run that succeeded may be continued. Of others, which may be retried or looked into, all stay.
		outcome === 'SUCCEEDED' ? dropArtifacts(session, row.id, RESUME_KIND, 1) : [],
		takeNext(),
	]);
	await settleSweep(session, run.sweepId);
	context.logger.info({ runId: row.id, attempt: number, outcome, status: run.status }, 'an attempt ended');
	return { kind: 'Finished', run, dropped, isNew: true, next };
}

interface Told {
	readonly failure: Failure | null;
	readonly verification: FreezeVerification | null;
}

/** Where the run goes: to its end, or back into the queue where another attempt may do better. */
async function fateOf(
	{ settings }: Context,
	session: Session,
	{ run: row, ...attempt }: EndedAttempt,
	outcome: FinishRunInput['outcome'],
	told: Told,
): Promise<Fate> {
	const failure = outcome === 'FAILED' ? (told.failure ?? unknownFailure) : null;
	if (failure?.retryable && !row.isScripted && RETRY_RULES[failure.kind] !== undefined) {
		const fate = await failAttempt(session, row, attempt, failure, settings.lease.maxAttempts);
		return { ...fate, message: `${failure.message} ${fate.message}` };
	}
	return {
		patch: {
			status: mustGo(row.status, TRANSITIONS[outcome]),
			finishedAt: NOW,
			pauseRequestedAt: null,
			failure,
			verification: told.verification,
		},
		message: failure?.message ?? MESSAGES[outcome],
	};
}

const unknownFailure = { kind: 'BUG', message: 'The trainer gave no reason.', retryable: true };
