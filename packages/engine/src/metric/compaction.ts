import { performance } from 'node:perf_hooks';
import { compactAttempt, findCompactionCandidates } from '@graft/database/metric';
import { sleep } from '@graft/runtime/backoff';
import type { Context } from '../context/context.js';

/** Above this share of its time a process has no time to spare: batches and queries come first. */
const BUSY = 0.6;

/**
 * Compacts what is due, attempt after attempt, with a pause after each that is as long as the work. A busy process leaves it
 * for later, unless more waits than `hardPoints`: it looks at what it does besides, between two rounds and in each pause, so that
 * a burst that begins while much is due meets one attempt's compaction at the most. Answers the points that were compacted.
 */
export function createCompaction({ database, settings: { compaction } }: Context) {
	let since = performance.eventLoopUtilization();
	const isBusy = () => performance.eventLoopUtilization(since).utilization > BUSY;

	return async (signal: AbortSignal): Promise<number> => {
		let compacted = 0;
		for (const candidate of await findCompactionCandidates(database, compaction)) {
			if (signal.aborted || (candidate.points < compaction.hardPoints && isBusy())) break;
			const began = performance.now();
			compacted += await compactAttempt(database, candidate);
			since = performance.eventLoopUtilization();
			await sleep(performance.now() - began, signal);
		}
		since = performance.eventLoopUtilization();
		return compacted;
	};
}
