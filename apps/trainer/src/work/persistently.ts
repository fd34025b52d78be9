import { type GraftClient, isUnavailable, type TypedDocument } from '@graft/client/node';
import { backoffMs, sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';

export interface Persistence {
	/** Ends the tries; its reason is thrown. */
	readonly signal: AbortSignal;
	readonly logger: Logger;
	readonly timeoutMs?: number;
}

/** Asks again and again while the API is away; every other failure is the caller's. */
export async function persistently<Result>(
	action: () => Promise<Result>,
	{ signal, logger }: Persistence,
): Promise<Result> {
	for (let attempt = 0; ; attempt += 1) {
		signal.throwIfAborted();
		try {
			return await action();
		} catch (error) {
			signal.throwIfAborted();
			if (!isUnavailable(error)) throw error;
			const level = attempt === 0 ? 'warn' : 'debug';
			logger[level]({ failedTries: attempt + 1 }, `${error.message} Trying again.`);
			await sleep(backoffMs(attempt, { baseMs: 250, maxMs: 5_000 }), signal);
		}
	}
}

/** One request, tried until the API answers it. */
export function requestPersistently<Result, Variables>(
	client: GraftClient,
	document: TypedDocument<Result, Variables>,
	variables: Variables,
	persistence: Persistence,
): Promise<Result> {
	const { signal, timeoutMs } = persistence;
	return persistently(() => client.request(document, variables, { signal, timeoutMs }), persistence);
}
