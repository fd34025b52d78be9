import { endAttempt, findOverdueRuns, lockOverdueAttempt, type OverdueAttempt } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { insertRunEvent } from '@graft/database/event';
import { lockRun, NOW, type RunEntity, type RunPatch, updateRun } from '@graft/database/run';
import type { Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import { mustGo, settleSweep } from './settle.js';

const RUNS_PER_ROUND = 100;

/**
 * Takes back every run whose lease has run out; answers how many. Each run is a transaction of its own, so that one that
 * is locked holds up nobody. After a start the engine waits for one lease before it calls this (`mayReap`): while the API
 * was away no trainer could renew, and those that live come back within that time.
 */
export async function reapExpired(context: Context): Promise<number> {
	const overdue = await findOverdueRuns(context.database, RUNS_PER_ROUND);
	let reaped = 0;
	for (const runId of overdue) {
		const run = await context.database.transaction((session) => reap(context, session, runId));
		if (run === null) continue;
		reaped += 1;
		context.announce([...topicsOfRuns([run]), ...(run.status === 'QUEUED' ? [topics.queue] : [])]);
		context.logger.info({ runId, status: run.status }, 'took a run back: its lease ran out');
	}
	return reaped;
}

async function reap(context: Context, session: Session, runId: string): Promise<Run | null> {
	const attempt = await lockOverdueAttempt(session, runId);
	if (attempt === null) return null;
	const row = await lockRun(session, runId);
	if (row === null) return null;
	await endAttempt(session, runId, attempt.number, 'EXPIRED');
	const fate = fateOf(row, attempt, context.settings.lease.maxAttempts);
	const run = await updateRun(session, runId, fate.patch);
	await insertRunEvent(session, {
		runId,
		attempt: attempt.number,
		kind: 'LEASE_LOST',
		message: `Attempt ${attempt.number} stopped renewing its lease. ${fate.message}`,
		data: { workerId: attempt.workerId },
	});
	await settleSweep(session, run.sweepId);
	return run;
}

/** What becomes of a run whose worker is gone: a request that the worker did not live to carry out is carried out now. */
function fateOf(
	row: RunEntity,
	attempt: OverdueAttempt,
	maxAttempts: number,
): { readonly patch: RunPatch; readonly message: string } {
	const crashes = row.crashes + 1;
	const done = { crashes, finishedAt: NOW } as const;
	if (row.cancelRequestedAt !== null)
		return { patch: { ...done, status: mustGo(row.status, 'cancel') }, message: 'It was to be cancelled, and is.' };
	if (row.spec === null) {
		const message = 'The script that trained this run stopped renewing its lease, and nobody else can go on with it.';
		const failure = { kind: 'LEASE_EXPIRED', message, retryable: false };
		return { patch: { ...done, status: mustGo(row.status, 'giveUp'), failure }, message };
	}
	if (crashes >= maxAttempts) {
		const message = `${crashes} attempts ended without a word from their workers; the last one was attempt ${attempt.number}. See the trainers' logs, then retry the run.`;
		const failure = { kind: 'TOO_MANY_ATTEMPTS', message, retryable: true };
		return { patch: { ...done, status: mustGo(row.status, 'giveUp'), failure }, message: 'No attempts are left.' };
	}
	if (row.pauseRequestedAt !== null)
		return {
			patch: { crashes, status: mustGo(row.status, 'pause'), pauseRequestedAt: null, progress: null },
			message: 'It was to be paused, and is.',
		};
	return { patch: { crashes, status: mustGo(row.status, 'expire'), progress: null }, message: 'It is queued again.' };
}
