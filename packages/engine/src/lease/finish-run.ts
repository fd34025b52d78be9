import { dropArtifacts } from '@graft/database/artifact';
import { endAttempt, type FencedAttempt } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { insertRunEvent } from '@graft/database/event';
import { NOW, type RunEntity, type RunPatch, toRun, updateRun } from '@graft/database/run';
import { RESUME_KIND } from '@graft/domain/artifact';
import type { LeaseLost } from '@graft/domain/lease';
import { type Failure, type FreezeVerification, RETRY_RULES, type Run, type RunTransition } from '@graft/domain/run';
import { forgetFiles } from '../artifact/forget-files.js';
import type { Context } from '../context/context.js';
import { refuseUnstorable, toStorableText } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import type { FinishRunInput } from '../contract/inputs.js';
import { type Fate, failAttempt } from './fail-attempt.js';
import { lockHolder, mustGo, settleSweep, whyLost } from './settle.js';

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
 * The holder's last word. A holder whose first answer was lost on the way asks again, and gets the same answer: the ended
 * attempt keeps its token's hash, and the outcome is the one that was stored.
 */
export async function finishRun(context: Context, input: FinishRunInput): Promise<Run | LeaseLost> {
	const { lease, outcome, failure, verification, summary, progress } = input;
	const unstorable = refuseUnstorable({ failure, verification, summary });
	// The trainer cannot help it, and the run has ended all the same: so what cannot be stored is left out.
	const told =
		unstorable === null ? { failure, verification, summary } : { failure: null, verification: null, summary: null };
	const result = await context.database.transaction(async (session) => {
		const holder = await lockHolder(session, lease);
		if ('kind' in holder) return { lost: holder };
		const { run: row, attempt } = holder;
		if (attempt.endedAt !== null)
			return attempt.outcome === outcome ? { run: toRun(row), again: true, dropped: [] } : { lost: whyLost(attempt) };
		await endAttempt(session, row.id, attempt.number, outcome);
		const fate = await fateOf(context, session, { row, attempt }, outcome, told);
		const run = await updateRun(session, row.id, { ...(progress && { progress }), ...fate.patch });
		await insertRunEvent(session, {
			runId: row.id,
			attempt: attempt.number,
			kind: 'FINISHED',
			message: fate.message,
			data: { outcome, summary: told.summary },
		});
		// From the last one a run that succeeded may be continued. Of others, which may be retried or looked into, all stay.
		const dropped = outcome === 'SUCCEEDED' ? await dropArtifacts(session, row.id, RESUME_KIND, 1) : [];
		await settleSweep(session, run.sweepId);
		context.logger.info({ runId: row.id, attempt: attempt.number, outcome, status: run.status }, 'an attempt ended');
		return { run, again: false, dropped };
	});
	if (result.lost !== undefined) return result.lost;
	const offered = result.run.status === 'QUEUED' ? [topics.queue] : [];
	if (!result.again) context.announce([...topicsOfRuns([result.run]), ...offered]);
	await forgetFiles(context, result.dropped ?? []);
	return result.run;
}

interface Told {
	readonly failure: Failure | null;
	readonly verification: FreezeVerification | null;
}

/** Where the run goes: to its end, or back into the queue where another attempt may do better. */
async function fateOf(
	{ settings }: Context,
	session: Session,
	{ row, attempt }: { readonly row: RunEntity; readonly attempt: FencedAttempt },
	outcome: FinishRunInput['outcome'],
	told: Told,
): Promise<Fate> {
	const failure = outcome === 'FAILED' ? (told.failure ?? unknownFailure) : null;
	if (failure?.retryable && row.spec !== null && RETRY_RULES[failure.kind] !== undefined) {
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

/**
 * Hands the run back: to the queue, or to where a user asked it to go. With a failure it could not be trained there, which
 * counts as a failed attempt; without one it is unharmed.
 */
export async function releaseRun(
	context: Context,
	{ runId, token }: { readonly runId: string; readonly token: string },
	reason: string,
	failure: Failure | null = null,
): Promise<Run | LeaseLost> {
	const result = await context.database.transaction(async (session) => {
		const holder = await lockHolder(session, { runId, token });
		if ('kind' in holder) return { lost: holder };
		const { run: row, attempt } = holder;
		if (attempt.endedAt !== null)
			return attempt.outcome === 'RELEASED' ? { run: toRun(row), again: true } : { lost: whyLost(attempt) };
		await endAttempt(session, runId, attempt.number, 'RELEASED');
		const fate =
			failure === null
				? unharmed(row)
				: await failAttempt(session, row, attempt, failure, context.settings.lease.maxAttempts);
		const run = await updateRun(session, runId, fate.patch);
		const message = `Attempt ${attempt.number} was handed back: ${toStorableText(reason)} ${fate.message}`.trimEnd();
		await insertRunEvent(session, { runId, attempt: attempt.number, kind: 'RELEASED', message });
		await settleSweep(session, run.sweepId);
		return { run, again: false };
	});
	if (result.lost !== undefined) return result.lost;
	if (!result.again) context.announce([...topicsOfRuns([result.run]), topics.queue]);
	return result.run;
}

function unharmed(row: RunEntity): Fate {
	const to = row.cancelRequestedAt !== null ? 'cancel' : row.pauseRequestedAt !== null ? 'pause' : 'release';
	// A script's run can be handed to nobody: given back, it is given up.
	const transition = row.spec === null ? 'cancel' : to;
	const patch: RunPatch = { status: mustGo(row.status, transition), pauseRequestedAt: null, progress: null };
	return { patch: transition === 'cancel' ? { ...patch, finishedAt: NOW } : patch, message: '' };
}
