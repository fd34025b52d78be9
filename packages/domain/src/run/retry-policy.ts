/** What becomes of a run whose attempt failed. `waitMs`: nobody is offered it before. */
export type RetryDecision = { readonly kind: 'retry'; readonly waitMs: number } | { readonly kind: 'fail' };

export interface RetryRule {
	/** Attempts in a row that may end so. */
	readonly attempts: number;
	/** Wait after the first of them, and how it grows. */
	readonly firstWaitMs: number;
	readonly longestWaitMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Kinds of failure after which another attempt may succeed. Of all others the first is the last. Spec in README.md. */
export const RETRY_RULES: Readonly<Record<string, RetryRule>> = {
	/** A lost machine is the common case, and says nothing of the run: the first retry comes at once. */
	LEASE_EXPIRED: { attempts: 5, firstWaitMs: 0, longestWaitMs: MINUTE },
	/** Another worker may have more memory; a third try would hardly find what two did not. */
	OUT_OF_MEMORY: { attempts: 2, firstWaitMs: 30 * SECOND, longestWaitMs: 30 * SECOND },
	/** Somebody has to bring the data or empty the disk: that takes minutes. */
	UNAVAILABLE: { attempts: 8, firstWaitMs: 10 * SECOND, longestWaitMs: 10 * MINUTE },
};

/** Where the first wait is none, the second is this. */
const LEAST_WAIT_MS = 10 * SECOND;

/**
 * Decides after the `failures`-th attempt in a row (from 1) that failed, the last one of this kind. `most` bounds all kinds.
 */
export function afterFailure(kind: string, failures: number, most: number): RetryDecision {
	const rule = RETRY_RULES[kind];
	if (rule === undefined || failures >= Math.min(rule.attempts, most)) return { kind: 'fail' };
	if (rule.firstWaitMs === 0 && failures === 1) return { kind: 'retry', waitMs: 0 };
	const doublings = rule.firstWaitMs === 0 ? failures - 2 : failures - 1;
	return {
		kind: 'retry',
		waitMs: Math.min(rule.longestWaitMs, Math.max(rule.firstWaitMs, LEAST_WAIT_MS) * 2 ** doublings),
	};
}
