import type { Logger } from '@graft/runtime/logger';
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { type ApiContext, freshContext } from '../context/api-context.js';
import { isPassing } from '../error/error-edge.js';

type Results = AsyncGenerator<ExecutionResult, void, void>;

/**
 * As graphql-js' `subscribe`, with two differences: each event is executed with loaders of its own (those of the
 * operation would answer from a cache as old as the stream), and a source that fails for a passing reason ends the
 * stream instead of failing it, so that the client comes back with its last cursor.
 */
export function subscribeWith(logger: Logger) {
	return async (args: ExecutionArgs): Promise<Results | ExecutionResult> => {
		const source = await createSourceEventStream(args);
		if (!(Symbol.asyncIterator in source)) return source;
		return results(source[Symbol.asyncIterator](), args, logger);
	};
}

/**
 * One event is pulled only when the last answer has been written to the socket. Not an async generator, whose `return`
 * would wait for a pending `next`, that is for news that may never come.
 */
function results(source: AsyncIterator<unknown>, args: ExecutionArgs, logger: Logger): Results {
	const context = args.contextValue as ApiContext;
	const ended = { done: true, value: undefined } as const;
	let over = false;
	const iterator: Results = {
		async next() {
			if (over) return ended;
			let event: IteratorResult<unknown>;
			try {
				event = await source.next();
			} catch (error) {
				over = true;
				if (!isPassing(error)) throw error;
				logger.warn({ err: error }, 'a stream ended; its client will come back');
				return ended;
			}
			if (event.done || over) return ended;
			return {
				done: false,
				value: await execute({ ...args, rootValue: event.value, contextValue: freshContext(context) }),
			};
		},
		async return() {
			over = true;
			await source.return?.();
			return ended;
		},
		async throw(error) {
			over = true;
			await source.return?.();
			throw error;
		},
		[Symbol.asyncIterator]: () => iterator,
	};
	return iterator;
}
