import { performance } from 'node:perf_hooks';
import {
	type CompactionCandidate,
	compactAttempt,
	compactTogether,
	findCompactionCandidates,
} from '@graft/database/metric';
import { sleep } from '@graft/runtime/backoff';
import type { Context } from '../context/context.js';

/** Above this share of its time a process has no time to spare: batches and queries come first. */
const BUSY = 0.6;
/** Short attempts, so many of so many points each, are moved in a few milliseconds. */
const SHORT_POINTS = 2_000;
const SHORT_TOGETHER = 50;

/**
 * Compacts what is due, attempt after attempt, and short ones that have ended together, with a pause after each that is as long
 * as the work. A busy process leaves it for later, unless more waits than `hardPoints` or `hardBatches`: it looks at what it does besides, between
 * two rounds and in each pause, so that a burst that begins while much is due meets one attempt's compaction at the most. Answers
 * the points that were compacted.
 */
export function createCompaction({ database, settings: { compaction } }: Context) {
	let since = performance.eventLoopUtilization();
	const isUrgent = ({ points, batches }: CompactionCandidate) =>
		points >= compaction.hardPoints || batches >= compaction.hardBatches;
	const isBusy = () => performance.eventLoopUtilization(since).utilization > BUSY;

	return async (signal: AbortSignal): Promise<number> => {
		let compacted = 0;
		for (const group of inGroups(await findCompactionCandidates(database, compaction))) {
			const [first] = group;
			if (signal.aborted) break;
			if (!group.some(isUrgent) && isBusy()) continue;
			const began = performance.now();
			compacted += await (group.length === 1
				? compactAttempt(database, first)
				: compactTogether(database, first.experimentId, group));
			since = performance.eventLoopUtilization();
			await sleep(performance.now() - began, signal);
		}
		since = performance.eventLoopUtilization();
		return compacted;
	};
}

type Group = [CompactionCandidate, ...CompactionCandidate[]];

/** In the order that they came in; short ones of an experiment where the first of them was. */
function inGroups(candidates: readonly CompactionCandidate[]): Group[] {
	const groups: Group[] = [];
	const filling = new Map<string, Group>();
	for (const one of candidates) {
		const isShort = one.isWhole && one.points <= SHORT_POINTS;
		const group = isShort ? filling.get(one.experimentId) : undefined;
		if (group !== undefined && group.length < SHORT_TOGETHER) {
			group.push(one);
			continue;
		}
		const begun: Group = [one];
		groups.push(begun);
		if (isShort) filling.set(one.experimentId, begun);
	}
	return groups;
}
