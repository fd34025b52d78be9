/** Milliseconds before try `attempt` (from 0): doubles from 0.2 s to 5 s, the upper half at random. */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
	const full = Math.min(5_000, 200 * 2 ** Math.min(attempt, 10));
	return full * (0.5 + 0.5 * random());
}

/** Resolves after `ms` or as soon as the signal aborts, whichever is first. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
	if (signal?.aborted) return Promise.resolve();
	return new Promise((resolve) => {
		const done = () => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal?.addEventListener('abort', done, { once: true });
	});
}
