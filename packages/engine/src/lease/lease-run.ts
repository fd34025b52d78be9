import { findLatestArtifact } from '@graft/database/artifact';
import { beginAttempt, lockFreeSlots, pickRun } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { insertRunEvent } from '@graft/database/event';
import { carryOverSummaries } from '@graft/database/metric';
import { NOW, type RunEntity, updateRun } from '@graft/database/run';
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
		const worker = await lockFreeSlots(session, workerId);
		if (worker === null) return notFound('worker', workerId);
		const row = worker.free > 0 ? await pickRun(session, workerId) : null;
		if (row === null) return nothing(context, worker.draining);
		return handOut(context, session, { id: workerId, name: worker.name }, row);
	});
	if (result.kind === 'LeasedRun') {
		const { runId, attempt } = result.lease;
		context.logger.info({ runId, attempt, workerId }, 'handed a run out');
		context.announce(topicsOfRuns([result.run]));
		if (result.lease.attempt === 1)
			context.telemetry.runLeased((context.clock().getTime() - result.run.queuedAt.getTime()) / 1000);
	}
	return result;
}

const nothing = ({ settings }: Context, draining: boolean) => ({
	kind: 'NothingToDo' as const,
	retryAfterSeconds: settings.lease.idlePollSeconds,
	draining,
});

async function handOut(
	context: Context,
	session: Session,
	{ id: workerId, name }: { readonly id: string; readonly name: string },
	row: RunEntity,
): Promise<Leased> {
	const runId = row.id;
	const number = row.attempts + 1;
	const state = number === 1 ? null : await findLatestArtifact(session, runId, RESUME_KIND);
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
	await insertRunEvent(session, {
		runId,
		attempt: number,
		kind: 'LEASED',
		message: `Attempt ${number} began on ${name}${resumeFrom === null ? '' : ` from step ${resumeFrom.step}`}.`,
		data: { workerId, resumedFromStep: resumeFrom?.step ?? null },
	});
	return { kind: 'LeasedRun', lease: { runId, token, attempt: number, expiresAt }, run, spec: run.spec, resumeFrom };
}
