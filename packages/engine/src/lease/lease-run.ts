import { findLatestArtifact } from '@graft/database/artifact';
import { beginAttempt, lockFreeSlots, pickRun } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { insertRunEvent } from '@graft/database/event';
import { carryOverSummaries } from '@graft/database/metric';
import { lockRun, NOW, updateRun } from '@graft/database/run';
import { findWorkers } from '@graft/database/worker';
import { type Artifact, RESUME_KIND } from '@graft/domain/artifact';
import { GraftError, notFound } from '@graft/domain/error';
import type { Lease } from '@graft/domain/lease';
import type { Run, RunSpec } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topicsOfRuns } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import { reapExpired } from './reap-expired.js';
import { mustGo } from './settle.js';
import { hashToken, newToken } from './token.js';

interface Leased {
	readonly kind: 'LeasedRun';
	readonly lease: Lease;
	readonly run: Run;
	readonly spec: RunSpec;
	readonly resumeFrom: Artifact | null;
}

/** Hands the worker the run that is due next. Overdue leases are taken back first, so that their runs stand in line too. */
export async function leaseRun(context: Context, workerId: string): ReturnType<Engine['leaseRun']> {
	if (!isId(workerId)) return notFound('worker', workerId);
	if (context.mayReap()) await reapExpired(context);
	const result = await context.database.transaction(async (session) => {
		const free = await lockFreeSlots(session, workerId);
		if (free === null) return notFound('worker', workerId);
		const runId = free > 0 ? await pickRun(session, workerId) : null;
		return runId === null ? null : handOut(context, session, workerId, runId);
	});
	if (result === null) return { kind: 'NothingToDo', retryAfterSeconds: context.settings.lease.idlePollSeconds };
	if (result.kind === 'LeasedRun') context.announce(topicsOfRuns([result.run]));
	return result;
}

async function handOut(context: Context, session: Session, workerId: string, runId: string): Promise<Leased> {
	const row = await lockRun(session, runId);
	if (row === null) throw new GraftError('BUG', `run ${runId} vanished under its lock`);
	const number = row.attempts + 1;
	const state = await findLatestArtifact(session, runId, RESUME_KIND);
	const resumeFrom = state?.step == null ? null : state;
	const token = newToken();
	const expiresAt = await beginAttempt(session, {
		runId,
		number,
		workerId,
		tokenHash: hashToken(token),
		leaseSeconds: context.settings.lease.leaseSeconds,
		resumedFromStep: resumeFrom?.step ?? null,
	});
	if (resumeFrom?.step != null) await carryOverSummaries(session, runId, number, resumeFrom.step);
	const run = await updateRun(session, runId, {
		status: mustGo(row.status, 'lease'),
		attempts: number,
		progress: null,
		pauseRequestedAt: null,
		...(row.startedAt === null ? { startedAt: NOW } : {}),
	});
	if (run.spec === null) throw new GraftError('BUG', `run ${runId} was queued without a spec`);
	const [worker] = await findWorkers(session, [workerId]);
	await insertRunEvent(session, {
		runId,
		attempt: number,
		kind: 'LEASED',
		message: `Attempt ${number} began on ${worker?.name ?? workerId}${resumeFrom === null ? '' : ` from step ${resumeFrom.step}`}.`,
		data: { workerId, resumedFromStep: resumeFrom?.step ?? null },
	});
	return { kind: 'LeasedRun', lease: { runId, token, attempt: number, expiresAt }, run, spec: run.spec, resumeFrom };
}
