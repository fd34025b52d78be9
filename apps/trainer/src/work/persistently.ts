import { type GraftClient, givenUp, isUnavailable, mayPass, type TypedDocument } from '@graft/client/node';
import { backoffMs, sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';

export interface Persistence {
	/** Ends the tries; its reason is thrown. */
	readonly signal: AbortSignal;
	readonly logger: Logger;
	readonly timeoutMs?: number;
	/** Where no run is at stake, an API that fails is as good as one that is away. */
	readonly forEver?: boolean;
}

/**
 * Asks again and again while the API is away, and some times where it fails itself; every other failure is the caller's.
 * @throws GraftError UNAVAILABLE where the API failed at every try.
 */
export async function persistently<Result>(
	action: () => Promise<Result>,
	{ signal, logger, forEver = false }: Persistence,
): Promise<Result> {
	let failures = 0;
	for (let attempt = 0; ; attempt += 1) {
		signal.throwIfAborted();
		try {
			return await action();
		} catch (error) {
			signal.throwIfAborted();
			failures = forEver || isUnavailable(error) ? 0 : failures + 1;
			if (!mayPass(error, failures)) throw givenUp(error);
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
