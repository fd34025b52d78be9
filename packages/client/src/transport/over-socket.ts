import { GraftError } from '@graft/domain/error';
import type { Connection } from './connection.js';
import { type GraphQLFailure, refused, unavailable } from './failure.js';
import { REQUEST_TIMEOUT_MS, type RequestOptions } from './http.js';

/** Close codes of graphql-ws after which the same request cannot succeed. */
const FATAL_CODES: ReadonlySet<number> = new Set([4004, 4005, 4400, 4401, 4406, 4409, 4429]);
/** Longer texts go over HTTP: on the socket they would stand before everything else, pings included. */
const LONGEST_TEXT = 256 * 1024;
/** The API takes 500 operations of one socket at a time; streams need some of them. */
const MOST_AT_ONCE = 100;

export interface SocketRequest {
	readonly query: string;
	readonly variables: Record<string, unknown>;
}

/** What the end of an operation on the socket means: a GraftError that a new try cannot heal, or null for a cut. */
export function fatalError(url: string, error: unknown): GraftError | null {
	if (Array.isArray(error)) return refused(url, error as GraphQLFailure[]);
	const code = (error as { code?: unknown } | null)?.code;
	if (typeof code !== 'number' || !FATAL_CODES.has(code)) return null;
	const reason = String((error as { reason?: unknown }).reason || 'no reason given');
	return new GraftError('CONFIGURATION', `The Graft API at ${url} refused the connection (${code}: ${reason}).`, {
		url,
		code,
	});
}

/**
 * Queries and mutations over the socket that streams keep open, or that is kept for them: a request costs the API a tenth of
 * one over HTTP. Answers null where the request is to go over HTTP: there is no such socket, or the request is too long for it.
 */
export function requestsOverSocket(url: string, connection: Connection) {
	let underWay = 0;

	function send(
		request: SocketRequest,
		{ signal, timeoutMs = REQUEST_TIMEOUT_MS }: RequestOptions = {},
	): Promise<unknown> {
		signal?.throwIfAborted();
		const sentAt = performance.now();
		return new Promise((resolve, reject) => {
			let answered = false;
			const settle = (settled: () => void) => {
				if (answered) return;
				answered = true;
				underWay -= 1;
				clearTimeout(timer);
				signal?.removeEventListener('abort', onAbort);
				settled();
			};
			const fail = (error: unknown) => settle(() => reject(error));
			const onAbort = () => {
				leave();
				fail(signal?.reason);
			};
			const timer = setTimeout(() => {
				leave();
				// Nothing came since, not even for others: the other end is gone, and the next try needs a new connection.
				if (connection.heardAt() < sentAt) connection.socket.terminate();
				fail(unavailable(url, `no answer within ${timeoutMs / 1000} s`));
			}, timeoutMs);
			underWay += 1;
			signal?.addEventListener('abort', onAbort, { once: true });
			const leave = connection.socket.subscribe(request, {
				next: ({ data, errors }) => {
					if (errors?.length) fail(refused(url, errors as GraphQLFailure[]));
					else settle(() => resolve(data));
				},
				error: (error) => fail(fatalError(url, error) ?? unavailable(url, 'the connection was cut', error)),
				complete: () => fail(unavailable(url, 'the connection was cut')),
			});
		});
	}

	return {
		tried(request: SocketRequest, options?: RequestOptions): Promise<unknown> | null {
			if (!connection.isHeld() || underWay >= MOST_AT_ONCE) return null;
			if (lengthOf(request.variables) > LONGEST_TEXT) return null;
			return send(request, options);
		},
	};
}

/** Of the JSON text, roughly, and no more exactly than needed: a text of many megabytes is not made twice. */
function lengthOf(value: unknown): number {
	if (typeof value === 'string') return value.length + 2;
	if (Array.isArray(value) && typeof value[0] === 'number') return value.length * 10;
	if (typeof value !== 'object' || value === null) return 8;
	let length = 2;
	for (const [key, inner] of Object.entries(value)) {
		length += key.length + 4 + lengthOf(inner);
		if (length > LONGEST_TEXT) break;
	}
	return length;
}
