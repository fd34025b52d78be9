import type { Hub } from './hub.js';

/**
 * A stream that reads when its consumer asks: first everything after the consumer's position (`read(all topics)`), then,
 * whenever a topic has news, what is new. It listens before the first read, so that nothing falls between the two.
 * It ends when the signal aborts, the consumer returns, or the hub closes.
 */
export function pull<T>(
	hub: Hub,
	topics: readonly string[],
	signal: AbortSignal,
	read: (dirty: ReadonlySet<string>) => AsyncIterable<T>,
	together = false,
): AsyncIterableIterator<T> {
	const news = hub.listen(topics, together);
	const close = () => news.close();
	signal.addEventListener('abort', close, { once: true });
	if (signal.aborted) close();

	async function* frames(): AsyncGenerator<T, undefined> {
		try {
			let dirty: ReadonlySet<string> | null = new Set(topics);
			while (dirty !== null && !signal.aborted) {
				yield* read(dirty);
				dirty = await news.next();
			}
		} finally {
			signal.removeEventListener('abort', close);
			close();
		}
	}
	const generator = frames();
	return {
		next: () => generator.next(),
		// A generator that waits inside does not see `return` until the wait ends: end the wait first.
		return: () => {
			close();
			return generator.return(undefined);
		},
		[Symbol.asyncIterator]() {
			return this;
		},
	};
}
