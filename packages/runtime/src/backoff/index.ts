/** Milliseconds before try number `attempt` (from 0): doubles up to the maximum, with full jitter from `random`. */
export function backoffMs(
	attempt: number,
	{
		baseMs = 200,
		maxMs = 10_000,
		random = Math.random,
	}: { baseMs?: number; maxMs?: number; random?: () => number } = {},
): number {
	return random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
}

/** Resolves after `ms`, or at once when the signal aborts (true: aborted). */
export function sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
	if (signal?.aborted) return Promise.resolve(true);
	return new Promise((resolve) => {
		const timer = setTimeout(() => {
			signal?.removeEventListener('abort', aborted);
			resolve(false);
		}, ms);
		function aborted() {
			clearTimeout(timer);
			resolve(true);
		}
		signal?.addEventListener('abort', aborted, { once: true });
	});
}
