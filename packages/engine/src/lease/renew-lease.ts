import {
	renewLease as extendLease,
	findAttemptByToken,
	type RenewalAsked,
	type RenewedLease,
	type RenewedTogether,
	renewLeases,
	writeProgress,
} from '@graft/database/attempt';
import type { Database } from '@graft/database/connection';
import { type LeaseProof, type LeaseSettings, leaseLost } from '@graft/domain/lease';
import type { Progress } from '@graft/domain/run';
import { inBatches } from '@graft/runtime/batch';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topicsOfRuns } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import { whyLost } from './settle.js';
import { hashToken } from './token.js';

/** Renewals of this long become one statement. Nobody waits for a heartbeat, and of many a cancel comes no later than this. */
const TOGETHER_MS = 250;
/** Bounds what one statement locks, and with the time above how many renew in a second: 8,000. */
const MOST_TOGETHER = 2_000;

/** Null: this one is to be renewed by itself. */
export type Renewals = (asked: RenewalAsked) => Promise<RenewedTogether | null>;

export function createRenewals(database: Database, lease: LeaseSettings): Renewals {
	return inBatches(
		async (batch) => {
			// A statement that two processes send, or a retry that overtakes, may have a run twice; the last word counts.
			const byRun = new Map(batch.map((asked) => [asked.runId, asked]));
			const renewed = new Map<string, RenewedTogether>();
			for (const one of await renewLeases(database, [...byRun.values()], lease)) renewed.set(one.runId, one);
			return batch.map((asked) => (byRun.get(asked.runId) === asked ? (renewed.get(asked.runId) ?? null) : null));
		},
		{ everyMs: TOGETHER_MS, most: MOST_TOGETHER },
	);
}

/** Extends the lease, notes how far the run is, and passes on what was asked of it meanwhile. */
export async function renewLease(
	context: Context,
	{ runId, token }: LeaseProof,
	progress: Progress | null,
): ReturnType<Engine['renewLease']> {
	if (!isId(runId)) return leaseLost(`There is no run ${runId}.`);
	const tokenHash = hashToken(token);
	const together = await context.renewals({
		runId,
		tokenHash,
		progress: progress === null ? null : JSON.stringify(progress),
	});
	if (together !== null) {
		if (together.hasMoved) context.announce(topicsOfRuns([{ ...together, id: runId }]));
		return answer(together);
	}
	const { database, settings } = context;
	const lease = await extendLease(database, runId, tokenHash, settings.lease, progress);
	if (lease === null) {
		const attempt = await findAttemptByToken(database, runId, tokenHash);
		return attempt === null ? leaseLost('This token is not a lease of this run.') : whyLost(attempt);
	}
	const moved = lease.hasMoved ? await writeProgress(database, runId, lease.attempt, progress) : null;
	if (moved !== null) context.announce(topicsOfRuns([moved]));
	return answer(lease);
}

const answer = ({ expiresAt, cancelRequested, pauseRequested }: RenewedLease) =>
	({ kind: 'LeaseRenewed', expiresAt, cancelRequested, pauseRequested }) as const;
