import type { Attempt } from '../run/run.js';

export interface VisibleRange {
	readonly attempt: number;
	/** The largest step of this attempt that counts: Infinity for all of it, -Infinity for nothing. */
	readonly lastStep: number;
}

/**
 * What is still seen of each attempt of one run. An attempt that resumed from step s supersedes what earlier attempts
 * logged after s; one that began anew (null) supersedes all of it. In the order of the attempts' numbers.
 */
export function visibleRanges(attempts: readonly Pick<Attempt, 'number' | 'resumedFromStep'>[]): VisibleRange[] {
	const latestFirst = [...attempts].sort((a, b) => b.number - a.number);
	let lastStep = Number.POSITIVE_INFINITY;
	const ranges = latestFirst.map((attempt) => {
		const range = { attempt: attempt.number, lastStep };
		lastStep = Math.min(lastStep, attempt.resumedFromStep ?? Number.NEGATIVE_INFINITY);
		return range;
	});
	return ranges.reverse();
}
