import type { Logger } from '@graft/runtime/logger';
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import { type ApiContext, freshContext } from '../context/api-context.js';
import { isPassing } from '../error/error-edge.js';
import { sharedResults } from './shared-results.js';

type Results = AsyncGenerator<ExecutionResult, void, void>;

/** A right that was taken away ends what it allowed within this time, whether there is news or not. */
const RECHECK_MS = 10_000;
/** Subscriptions whose events are the same object for all readers of the same. */
const SHARED: ReadonlySet<string> = new Set(['liveMetrics']);

/** Sends the text of an answer to this reader; resolves when it may be given the next one. */
export type Deliver = (text: string) => Promise<void>;
export interface SubscribeArgs extends ExecutionArgs {
	/** Where answers that many readers share go; without it they go the way of all others. */
	readonly deliver?: Deliver;
}

/**
 * As graphql-js' `subscribe`, with some differences: each event is executed with loaders of its own (those of the
 * operation would answer from a cache as old as the stream); an event that many readers are given is executed once, its
 * text is made once, and goes straight to each socket, past the objects and promises that the library makes for every
 * message; a source that fails for a passing reason ends the stream instead of failing it, so that the client comes back
 * with its last cursor; and a client that may no longer read is told so and hears no more.
 */
export function subscribeWith(logger: Logger, recheckMs = RECHECK_MS) {
	const shared = sharedResults();
	return async (args: SubscribeArgs): Promise<Results | ExecutionResult> => {
		const source = await createSourceEventStream(args);
		if (!(Symbol.asyncIterator in source)) return source;
		const key = isShared(args) ? shared.keyOf(args) : null;
		const answer = (event: unknown) => {
			const run = () =>
				execute({ ...args, rootValue: event, contextValue: freshContext(args.contextValue as ApiContext) });
			return key === null ? run() : shared.of(event as object, key, run);
		};
		const { deliver } = args;
		const given =
			key === null || deliver === undefined ? null : (result: ExecutionResult) => deliver(shared.textOf(result));
		return results({ source: source[Symbol.asyncIterator](), answer, given, args, logger, recheckMs });
	};
}

/** One field, as every subscription has. */
function isShared({ document, operationName }: ExecutionArgs): boolean {
	const operations = document.definitions.flatMap((one) => (one.kind === 'OperationDefinition' ? [one] : []));
	const operation = operations.find(({ name }) => operationName == null || name?.value === operationName);
	const [field] = operation?.selectionSet.selections ?? [];
	return field?.kind === 'Field' && SHARED.has(field.name.value);
}

interface Reading {
	readonly source: AsyncIterator<unknown>;
	readonly answer: (event: unknown) => ExecutionResult | Promise<ExecutionResult>;
	/** Sends an answer; null: it is returned to whoever iterates. */
	readonly given: ((result: ExecutionResult) => Promise<void>) | null;
	readonly args: ExecutionArgs;
	readonly logger: Logger;
	readonly recheckMs: number;
}

/**
 * One event is pulled only when the last answer has been written to the socket. Not an async generator, whose `return`
 * would wait for a pending `next`, that is for news that may never come.
 */
function results({ source, answer, given, args, logger, recheckMs }: Reading): Results {
	const { stillAllowed } = args.contextValue as ApiContext;
	const ended = { done: true, value: undefined } as const;
	let over = false;
	let forbidden = false;
	let checkedAt = performance.now();

	/** An idle stream is ended from here; one that has news looks before each frame too. */
	async function check(): Promise<boolean> {
		checkedAt = performance.now();
		forbidden ||= !(await Promise.resolve(stillAllowed()).catch(() => true));
		if (forbidden) await source.return?.();
		return !forbidden;
	}
	const timer = setInterval(() => void check(), recheckMs);
	timer.unref();
	const end = () => {
		over = true;
		clearInterval(timer);
	};

	const iterator: Results = {
		async next() {
			while (!over) {
				let event: IteratorResult<unknown>;
				try {
					event = await source.next();
				} catch (error) {
					end();
					if (!isPassing(error)) throw error;
					logger.warn({ err: error }, 'a stream ended; its client will come back');
					return ended;
				}
				if (forbidden || (!event.done && performance.now() - checkedAt > recheckMs && !(await check()))) {
					end();
					throw new GraphQLError('You may no longer read this.', { extensions: { code: 'FORBIDDEN' } });
				}
				if (event.done || over) {
					end();
					return ended;
				}
				const made = answer(event.value);
				const result = made instanceof Promise ? await made : made;
				if (given === null || result.errors !== undefined) return { done: false, value: result };
				await given(result);
			}
			return ended;
		},
		async return() {
			end();
			await source.return?.();
			return ended;
		},
		async throw(error) {
			end();
			await source.return?.();
			throw error;
		},
		[Symbol.asyncIterator]: () => iterator,
	};
	return iterator;
}
