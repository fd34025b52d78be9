import { endAttempt, lockOverdueAttempt } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { insertRunEvent } from '@graft/database/event';
import { lockRun, updateRun, wakeRuns } from '@graft/database/run';
import type { Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import { failAttempt } from './fail-attempt.js';
import { settleSweep } from './settle.js';

/**
 * Takes those of the runs back whose lease has run out; answers how many. Each is a transaction of its own, so that one that is
 * locked holds up nobody.
 */
export async function reapExpired(context: Context, overdue: readonly string[]): Promise<number> {
	let reaped = 0;
	for (const runId of overdue) {
		const taken = await context.database.transaction((session) => reap(context, session, runId));
		if (taken === null) continue;
		const { run, attempt } = taken;
		reaped += 1;
		context.telemetry.leaseExpired();
		context.announce([...topicsOfRuns([run]), ...(run.status === 'QUEUED' ? [topics.queue] : [])]);
		context.logger.info({ runId, attempt, status: run.status }, 'took a run back: its lease ran out');
	}
	return reaped;
}

/** Puts the runs that waited after a failure in line again when their time has come. */
export async function wakeWaiting(context: Context): Promise<void> {
	const runs = await wakeRuns(context.database);
	if (runs.length > 0) context.announce([...topicsOfRuns(runs), topics.queue]);
}

async function reap(context: Context, session: Session, runId: string): Promise<{ run: Run; attempt: number } | null> {
	const attempt = await lockOverdueAttempt(session, runId);
	if (attempt === null) return null;
	const row = await lockRun(session, runId);
	if (row === null) return null;
	await endAttempt(session, runId, attempt.number, 'EXPIRED');
	const scripted = 'The script that trained this run stopped renewing its lease, and nobody else can go on with it.';
	const run = { ...row, isScripted: row.spec === null };
	const message = run.isScripted ? scripted : 'The worker stopped renewing its lease.';
	const failure = { kind: 'LEASE_EXPIRED', message, retryable: !run.isScripted };
	const fate = await failAttempt(session, run, attempt, failure, context.settings.lease.maxAttempts);
	const after = await updateRun(session, runId, fate.patch);
	await insertRunEvent(session, {
		runId,
		attempt: attempt.number,
		kind: 'LEASE_LOST',
		message: `Attempt ${attempt.number} stopped renewing its lease. ${fate.message}`,
		data: { workerId: attempt.workerId },
	});
	await settleSweep(session, after.sweepId);
	return { run: after, attempt: attempt.number };
}
