import { renewLease as extendLease, findAttemptByToken, writeProgress } from '@graft/database/attempt';
import { type LeaseProof, leaseLost } from '@graft/domain/lease';
import type { Progress } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topicsOfRuns } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import { whyLost } from './settle.js';
import { hashToken } from './token.js';

/** Extends the lease, notes how far the run is, and passes on what was asked of it meanwhile. */
export async function renewLease(
	{ database, settings, announce }: Context,
	{ runId, token }: LeaseProof,
	progress: Progress | null,
): ReturnType<Engine['renewLease']> {
	if (!isId(runId)) return leaseLost(`There is no run ${runId}.`);
	const hash = hashToken(token);
	const lease = await extendLease(database, runId, hash, settings.lease, progress);
	if (lease === null) {
		const attempt = await findAttemptByToken(database, runId, hash);
		return attempt === null ? leaseLost('This token is not a lease of this run.') : whyLost(attempt);
	}
	const moved = lease.hasMoved ? await writeProgress(database, runId, lease.attempt, progress) : null;
	if (moved !== null) announce(topicsOfRuns([moved]));
	const { expiresAt, cancelRequested, pauseRequested } = lease;
	return { kind: 'LeaseRenewed', expiresAt, cancelRequested, pauseRequested };
}
