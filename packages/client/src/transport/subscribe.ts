import type { GraftError } from '@graft/domain/error';
import type { Connection } from './connection.js';
import { type GraphQLFailure, refused } from './failure.js';
import { fatalError } from './over-socket.js';
import { pause, retryDelayMs } from './retry.js';
import type { TypedDocument } from './typed-document.js';

/** Frames that wait for a slow reader before the stream is left, to be taken up again from its cursor. */
const MAX_WAITING_FRAMES = 1_000;
/** A subscription that brought a frame or held this long was healthy: the next wait begins small again. */
const HEALTHY_MS = 5_000;

type Ended = { readonly kind: 'cut' | 'overflow' } | { readonly kind: 'failed'; readonly error: GraftError };

export interface SubscribeOptions {
	readonly signal?: AbortSignal;
}

interface Source<Result, Variables> {
	readonly url: string;
	readonly connection: Connection;
	readonly document: TypedDocument<Result, Variables>;
	/** Asked again for each new subscription: this is where a cursor comes in. */
	readonly variables: () => Variables;
	/** Sees each frame as it arrives, before the reader does. */
	readonly onFrame?: (frame: Result) => void;
	readonly signal: AbortSignal;
}

/**
 * Frames of a subscription, over as many connections as it takes. Graft's streams never end by themselves, so an end
 * is a cut too. The iteration ends when the signal aborts or the reader leaves, and throws for what a new try cannot
 * heal.
 */
export async function* resubscribe<Result, Variables>(source: Source<Result, Variables>): AsyncGenerator<Result> {
	const { connection, signal } = source;
	let healthy = false;
	const watched: Source<Result, Variables> = {
		...source,
		onFrame: (frame) => {
			healthy = true;
			source.onFrame?.(frame);
		},
	};
	connection.opened();
	try {
		for (let attempt = 0; !signal.aborted; attempt += 1) {
			const begun = performance.now();
			healthy = false;
			const ended = yield* once(watched);
			if (ended.kind === 'failed') throw ended.error;
			if (healthy || performance.now() - begun > HEALTHY_MS) attempt = 0;
			if (ended.kind === 'cut') await pause(retryDelayMs(attempt), signal);
		}
	} finally {
		connection.closed();
	}
}

/** One subscription on one connection, until it ends in whatever way. */
async function* once<Result, Variables>(source: Source<Result, Variables>): AsyncGenerator<Result, Ended> {
	const { url, connection, document, signal } = source;
	const waiting: Result[] = [];
	let ended: Ended | null = null;
	let wake: () => void = () => undefined;
	const end = (how: Ended) => {
		ended ??= how;
		wake();
	};
	const payload = {
		query: document.toString(),
		// A getter, because graphql-ws sends the payload anew by itself after a normal close.
		get variables() {
			return source.variables() as Record<string, unknown>;
		},
	};
	const leave = connection.socket.subscribe<Result>(payload, {
		next: (answer) => {
			if (answer.errors?.length) return end({ kind: 'failed', error: refused(url, answer.errors as GraphQLFailure[]) });
			if (ended !== null || !answer.data) return;
			source.onFrame?.(answer.data);
			waiting.push(answer.data);
			if (waiting.length >= MAX_WAITING_FRAMES) {
				leave();
				end({ kind: 'overflow' });
			}
			wake();
		},
		error: (error) => end(classify(url, error)),
		complete: () => end({ kind: 'cut' }),
	});
	const onAbort = () => end({ kind: 'cut' });
	signal.addEventListener('abort', onAbort, { once: true });
	if (signal.aborted) onAbort();
	try {
		while (!signal.aborted) {
			const frame = waiting.shift();
			if (frame !== undefined) yield frame;
			else if (ended !== null) return ended;
			else await new Promise<void>((resolve) => (wake = resolve));
		}
		return { kind: 'cut' };
	} finally {
		signal.removeEventListener('abort', onAbort);
		leave();
	}
}

function classify(url: string, error: unknown): Ended {
	const fatal = fatalError(url, error);
	return fatal === null ? { kind: 'cut' } : { kind: 'failed', error: fatal };
}
