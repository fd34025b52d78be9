import { findLatestArtifact } from '@graft/database/artifact';
import { beginAttempt, lockFreeSlots, type PickedRun, pickRun, renewLease } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { insertRunEvent } from '@graft/database/event';
import { carryOverSummaries } from '@graft/database/metric';
import { findRuns, NOW, updateRun } from '@graft/database/run';
import { type Artifact, RESUME_KIND } from '@graft/domain/artifact';
import { GraftError, invalidInput, notFound } from '@graft/domain/error';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topicsOfRuns } from '../context/topics.js';
import type { LeaseAnswer } from '../contract/engine.js';
import type { LeaseAsked } from '../contract/inputs.js';
import { mustGo } from './settle.js';
import { hashToken, isToken, newToken } from './token.js';

type Leased = Extract<LeaseAnswer, { kind: 'LeasedRun' }>;

/**
 * Hands the worker the run that is due next. Where nothing is, overdue leases are taken back first: their runs may be.
 * A worker that makes the token itself may ask again with it when no answer came: it gets the lease that it was given, and
 * not another one beside it, which nobody would train until it ran out.
 */
export async function leaseRun(context: Context, workerId: string, token = newToken()): Promise<LeaseAnswer> {
	const asked = { workerId, token };
	return afterLease(context, asked, await take(context, asked));
}

const take = (context: Context, asked: LeaseAsked) =>
	context.dispatches(() => context.database.transaction((session) => leaseNext(context, session, asked)));

/** What follows the commit of a transaction with `leaseNext`; answers what the worker is told. */
export async function afterLease(context: Context, asked: LeaseAsked, first: LeaseAnswer): Promise<LeaseAnswer> {
	const mayBeMore = first.kind === 'NothingToDo' && !first.draining;
	const result = mayBeMore && (await context.reap()) > 0 ? await take(context, asked) : first;
	if (result.kind === 'LeasedRun') {
		const { runId, attempt } = result.lease;
		context.logger.info({ runId, attempt, workerId: asked.workerId }, 'handed a run out');
		context.announce(topicsOfRuns([result.run]));
		if (result.lease.attempt === 1)
			context.telemetry.runLeased((context.clock().getTime() - result.run.queuedAt.getTime()) / 1000);
	}
	return result;
}

/**
 * Picks the run and opens its attempt, in a transaction that may have ended another run of the worker before. It locks the worker,
 * and of runs only those that nobody holds.
 */
export async function leaseNext(
	context: Context,
	session: Session,
	{ workerId, token }: LeaseAsked,
): Promise<LeaseAnswer> {
	if (!isId(workerId)) return notFound('worker', workerId);
	if (!isToken(token))
		return invalidInput('token', 'A token has 43 characters: 32 random bytes in base64url without padding.');
	const worker = await lockFreeSlots(session, workerId, hashToken(token));
	if (worker === null) return notFound('worker', workerId);
	if (worker.has !== null) return handOutAgain(context, session, worker.has, token);
	const row = worker.free > 0 ? await pickRun(session, workerId) : null;
	if (row === null) return nothing(context, worker.draining);
	return handOut(context, session, { id: workerId, name: worker.name }, row, token);
}

/** As the first time; nothing was written under the lease yet, or the worker would have its token. */
async function handOutAgain(
	context: Context,
	session: Session,
	{ runId, number }: { readonly runId: string; readonly number: number },
	token: string,
): Promise<LeaseAnswer> {
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
	row: PickedRun,
	token: string,
): Promise<Leased> {
	const runId = row.id;
	const number = row.attempts + 1;
	const resumeFrom = await resumeStateOf(session, runId, number);
	const step = resumeFrom?.step ?? null;
	// None of them needs the answer of another.
	const [expiresAt, , run] = await Promise.all([
		beginAttempt(session, {
			runId,
			number,
			workerId,
			tokenHash: hashToken(token),
			leaseSeconds: context.settings.lease.leaseSeconds,
			resumedFromStep: step,
		}),
		step === null ? null : carryOverSummaries(session, runId, number, step),
		updateRun(session, runId, {
			status: mustGo(row.status, 'lease'),
			attempts: number,
			progress: null,
			pauseRequestedAt: null,
			...(row.startedAt === null ? { startedAt: NOW } : {}),
		}),
		insertRunEvent(session, {
			runId,
			attempt: number,
			kind: 'LEASED',
			message: `Attempt ${number} began on ${name}${step === null ? '' : ` from step ${step}`}.`,
			data: { workerId, resumedFromStep: step },
		}),
	]);
	if (run.spec === null) throw new GraftError('BUG', `run ${runId} was queued without a spec`);
	return { kind: 'LeasedRun', lease: { runId, token, attempt: number, expiresAt }, run, spec: run.spec, resumeFrom };
}
