import { performance } from 'node:perf_hooks';
import { compactAttempt, findCompactionCandidates } from '@graft/database/metric';
import { sleep } from '@graft/runtime/backoff';
import type { Context } from '../context/context.js';

/** Above this share of its time a process has no time to spare: batches and queries come first. */
const BUSY = 0.6;

/**
 * Compacts what is due, attempt after attempt, with a pause after each that is as long as the work. A busy process leaves it
 * for later, unless more waits than `hardPoints`. Answers the points that were compacted.
 */
export function createCompaction({ database, settings: { compaction } }: Context) {
	let before = performance.eventLoopUtilization();

	return async (signal: AbortSignal): Promise<number> => {
		const { utilization } = performance.eventLoopUtilization(before);
		before = performance.eventLoopUtilization();
		let compacted = 0;
		for (const candidate of await findCompactionCandidates(database, compaction)) {
			if (signal.aborted) break;
			if (utilization > BUSY && candidate.points < compaction.hardPoints) continue;
			const began = performance.now();
			compacted += await compactAttempt(database, candidate);
			await sleep(performance.now() - began, signal);
		}
		return compacted;
	};
}
