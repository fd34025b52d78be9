import type { HeldRun } from '@graft/database/attempt';
import { insertRunEvent } from '@graft/database/event';
import { NOW, type RunPatch, updateRun } from '@graft/database/run';
import type { LeaseLost, LeaseProof } from '@graft/domain/lease';
import type { Failure, Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { toStorableText } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import { endLease } from './end-lease.js';
import { type Fate, failAttempt } from './fail-attempt.js';
import { mustGo, settleSweep } from './settle.js';

/**
 * Hands the run back: to the queue, or to where a user asked it to go. With a failure it could not be trained there, which
 * counts as a failed attempt; without one it is unharmed.
 */
export async function releaseRun(
	context: Context,
	{ runId, token }: LeaseProof,
	reason: string,
	failure: Failure | null = null,
): Promise<Run | LeaseLost> {
	const result = await context.database.transaction(async (session) => {
		const ended = await endLease(session, { runId, token }, 'RELEASED');
		if (ended.kind !== 'Ended') return ended;
		const { run: row, number } = ended;
		const fate =
			failure === null
				? unharmed(row)
				: await failAttempt(session, row, ended, failure, context.settings.lease.maxAttempts);
		const message = `Attempt ${number} was handed back: ${toStorableText(reason)} ${fate.message}`.trimEnd();
		const [run] = await Promise.all([
			updateRun(session, runId, fate.patch),
			insertRunEvent(session, { runId, attempt: number, kind: 'RELEASED', message }),
		]);
		await settleSweep(session, run.sweepId);
		return { kind: 'Released' as const, run };
	});
	if (result.kind === 'LeaseLost') return result;
	if (result.kind === 'Released') context.announce([...topicsOfRuns([result.run]), topics.queue]);
	return result.run;
}

function unharmed(row: HeldRun): Fate {
	const to = row.cancelRequestedAt !== null ? 'cancel' : row.pauseRequestedAt !== null ? 'pause' : 'release';
	// A script's run can be handed to nobody: given back, it is given up.
	const transition = row.isScripted ? 'cancel' : to;
	const patch: RunPatch = { status: mustGo(row.status, transition), pauseRequestedAt: null, progress: null };
	return { patch: transition === 'cancel' ? { ...patch, finishedAt: NOW } : patch, message: '' };
}
