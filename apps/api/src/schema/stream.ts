import type { ApiContext } from '../context/api-context.js';

export interface SubscribeData<Args> {
	readonly args: Args;
	readonly context: ApiContext;
}
/** The shape of type-graphql's `subscribe` option, with the types that it leaves open. */
export type Subscribe<Args> = (data: SubscribeData<Args>) => AsyncIterable<unknown>;

/**
 * Ends the source when the reader goes away. The signal is needed beside `return`: an async generator that waits for
 * news runs its `return` only after the news, which may be never.
 */
export function stream<T>(open: (signal: AbortSignal) => AsyncIterable<T>): AsyncIterable<T> {
	return {
		[Symbol.asyncIterator](): AsyncIterator<T> {
			const controller = new AbortController();
			const source = open(controller.signal)[Symbol.asyncIterator]();
			return {
				next: () => source.next(),
				async return() {
					controller.abort();
					await source.return?.();
					return { done: true, value: undefined };
				},
			};
		},
	};
}
