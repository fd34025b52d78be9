import { findLatestArtifact } from '@graft/database/artifact';
import { beginAttempt, lockFreeSlots, pickRun, renewLease } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { insertRunEvent } from '@graft/database/event';
import { carryOverSummaries } from '@graft/database/metric';
import { findRuns, NOW, type RunEntity, updateRun } from '@graft/database/run';
import { type Artifact, RESUME_KIND } from '@graft/domain/artifact';
import { GraftError, invalidInput, notFound } from '@graft/domain/error';
import type { Lease } from '@graft/domain/lease';
import type { Run, RunSpec } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topicsOfRuns } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import { mustGo } from './settle.js';
import { hashToken, isToken, newToken } from './token.js';

interface Leased {
	readonly kind: 'LeasedRun';
	readonly lease: Lease;
	readonly run: Run;
	readonly spec: RunSpec;
	readonly resumeFrom: Artifact | null;
}

/**
 * Hands the worker the run that is due next. Where nothing is, overdue leases are taken back first: their runs may be.
 * A worker that makes the token itself may ask again with it when no answer came: it gets the lease that it was given, and
 * not another one beside it, which nobody would train until it ran out.
 */
export async function leaseRun(
	context: Context,
	workerId: string,
	token: string = newToken(),
): ReturnType<Engine['leaseRun']> {
	if (!isId(workerId)) return notFound('worker', workerId);
	if (!isToken(token))
		return invalidInput('token', 'A token has 43 characters: 32 random bytes in base64url without padding.');
	const first = await tryLease(context, workerId, token);
	const mayBeMore = first.kind === 'NothingToDo' && !first.draining;
	const result = mayBeMore && (await context.reap()) > 0 ? await tryLease(context, workerId, token) : first;
	if (result.kind === 'LeasedRun') {
		const { runId, attempt } = result.lease;
		context.logger.info({ runId, attempt, workerId }, 'handed a run out');
		context.announce(topicsOfRuns([result.run]));
		if (result.lease.attempt === 1)
			context.telemetry.runLeased((context.clock().getTime() - result.run.queuedAt.getTime()) / 1000);
	}
	return result;
}

function tryLease(context: Context, workerId: string, token: string) {
	return context.database.transaction(async (session) => {
		const worker = await lockFreeSlots(session, workerId, hashToken(token));
		if (worker === null) return notFound('worker', workerId);
		if (worker.has !== null) return handOutAgain(context, session, worker.has, token);
		const row = worker.free > 0 ? await pickRun(session, workerId) : null;
		if (row === null) return nothing(context, worker.draining);
		return handOut(context, session, { id: workerId, name: worker.name }, row, token);
	});
}

/** As the first time; nothing was written under the lease yet, or the worker would have its token. */
async function handOutAgain(
	context: Context,
	session: Session,
	{ runId, number }: { readonly runId: string; readonly number: number },
	token: string,
): Promise<Leased | ReturnType<typeof nothing>> {
	const renewed = await renewLease(session, runId, hashToken(token), context.settings.lease, null);
	const [run] = await findRuns(session, [runId]);
	if (renewed === null || run?.spec == null) return nothing(context, false);
	const resumeFrom = await resumeStateOf(session, runId, number);
	const lease = { runId, token, attempt: number, expiresAt: renewed.expiresAt };
	return { kind: 'LeasedRun', lease, run, spec: run.spec, resumeFrom };
}

async function resumeStateOf(session: Session, runId: string, number: number): Promise<Artifact | null> {
	const state = number === 1 ? null : await findLatestArtifact(session, runId, RESUME_KIND);
	return state?.step == null ? null : state;
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
	token: string,
): Promise<Leased> {
	const runId = row.id;
	const number = row.attempts + 1;
	const resumeFrom = await resumeStateOf(session, runId, number);
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
