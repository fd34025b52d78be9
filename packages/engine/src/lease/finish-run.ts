import { dropArtifacts } from '@graft/database/artifact';
import { endAttempt } from '@graft/database/attempt';
import { insertRunEvent } from '@graft/database/event';
import { NOW, toRun, updateRun } from '@graft/database/run';
import { RESUME_KIND } from '@graft/domain/artifact';
import type { LeaseLost } from '@graft/domain/lease';
import type { Run, RunTransition } from '@graft/domain/run';
import { forgetFiles } from '../artifact/forget-files.js';
import type { Context } from '../context/context.js';
import { refuseUnstorable, toStorableText } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import type { FinishRunInput } from '../contract/inputs.js';
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
	const { lease, outcome, failure, verification, summary } = input;
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
		const run = await updateRun(session, row.id, {
			status: mustGo(row.status, TRANSITIONS[outcome]),
			finishedAt: NOW,
			pauseRequestedAt: null,
			failure: outcome === 'FAILED' ? (told.failure ?? unknownFailure) : null,
			verification: told.verification,
		});
		await insertRunEvent(session, {
			runId: row.id,
			attempt: attempt.number,
			kind: 'FINISHED',
			message: run.failure?.message ?? MESSAGES[outcome],
			data: { outcome, summary: told.summary },
		});
		// A failed or cancelled run may be retried, and a diverged one be looked into: theirs stay.
		const dropped = outcome === 'SUCCEEDED' ? await dropArtifacts(session, row.id, RESUME_KIND, 0) : [];
		await settleSweep(session, run.sweepId);
		return { run, again: false, dropped };
	});
	if (result.lost !== undefined) return result.lost;
	if (!result.again) context.announce(topicsOfRuns([result.run]));
	await forgetFiles(context, result.dropped ?? []);
	return result.run;
}

const unknownFailure = { kind: 'BUG', message: 'The trainer gave no reason.', retryable: true };

/** Hands the run back unharmed: to the queue, or to where a user asked it to go. */
export async function releaseRun(
	context: Context,
	{ runId, token }: { readonly runId: string; readonly token: string },
	reason: string,
): Promise<Run | LeaseLost> {
	const result = await context.database.transaction(async (session) => {
		const holder = await lockHolder(session, { runId, token });
		if ('kind' in holder) return { lost: holder };
		const { run: row, attempt } = holder;
		if (attempt.endedAt !== null)
			return attempt.outcome === 'RELEASED' ? { run: toRun(row), again: true } : { lost: whyLost(attempt) };
		const to = row.cancelRequestedAt !== null ? 'cancel' : row.pauseRequestedAt !== null ? 'pause' : 'release';
		// A script's run can be handed to nobody: given back, it is given up.
		const transition = row.spec === null ? 'cancel' : to;
		await endAttempt(session, runId, attempt.number, 'RELEASED');
		const run = await updateRun(session, runId, {
			status: mustGo(row.status, transition),
			pauseRequestedAt: null,
			progress: null,
			...(transition === 'cancel' ? { finishedAt: NOW } : {}),
		});
		const message = `Attempt ${attempt.number} was handed back: ${toStorableText(reason)}`;
		await insertRunEvent(session, { runId, attempt: attempt.number, kind: 'RELEASED', message });
		await settleSweep(session, run.sweepId);
		return { run, again: false };
	});
	if (result.lost !== undefined) return result.lost;
	if (!result.again) context.announce([...topicsOfRuns([result.run]), topics.queue]);
	return result.run;
}
