import { renewLease as extendLease, findAttemptByToken } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { findRuns, lockRun, updateRun } from '@graft/database/run';
import { touchWorker } from '@graft/database/worker';
import { canonicalJson } from '@graft/domain/json';
import { type LeaseProof, leaseLost } from '@graft/domain/lease';
import type { Progress, Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topicsOfRuns } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import { whyLost } from './settle.js';
import { hashToken } from './token.js';

/** Extends the lease, notes how far the run is, and passes on what was asked of it meanwhile. */
export async function renewLease(
	context: Context,
	{ runId, token }: LeaseProof,
	progress: Progress | null,
): ReturnType<Engine['renewLease']> {
	if (!isId(runId)) return leaseLost(`There is no run ${runId}.`);
	const hash = hashToken(token);
	const renewed = await context.database.transaction(async (session) => {
		// The run first, as everywhere: see lockRuns.
		const row = progress === null ? null : await lockRun(session, runId);
		const lease = await extendLease(session, runId, hash, context.settings.lease);
		if (lease === null) return null;
		if (lease.workerId !== null) await touchWorker(session, lease.workerId);
		const moved = row !== null && canonicalJson(row.progress) !== canonicalJson(progress);
		const run = moved ? await updateRun(session, runId, { progress }) : await readRun(session, runId);
		return { lease, run, moved };
	});
	if (renewed === null) {
		const attempt = await findAttemptByToken(context.database, runId, hash);
		return attempt === null ? leaseLost('This token is not a lease of this run.') : whyLost(attempt);
	}
	if (renewed.moved) context.announce(topicsOfRuns([renewed.run]));
	return {
		kind: 'LeaseRenewed',
		expiresAt: renewed.lease.expiresAt,
		cancelRequested: renewed.run.cancelRequestedAt !== null,
		pauseRequested: renewed.run.pauseRequestedAt !== null,
	};
}

async function readRun(session: Session, runId: string): Promise<Run> {
	const [run] = await findRuns(session, [runId]);
	if (run === undefined) throw new Error(`run ${runId} has an attempt but no row`);
	return run;
}
