import { apiAddress } from './address.js';
import { type ConnectionListener, type ConnectionState, createConnection } from './connection.js';
import { type RequestOptions, requestOverHttp } from './http.js';
import { requestsOverSocket } from './over-socket.js';
import { resubscribe, type SubscribeOptions } from './subscribe.js';
import type { TypedDocument } from './typed-document.js';

export interface GraftClient {
	/** Address of the API without a path, such as `http://127.0.0.1:4620`. */
	readonly url: string;
	/** One query or mutation, over HTTP or an open socket. Throws a GraftError; outcomes that a caller handles are in the answer. */
	request<Result, Variables>(
		document: TypedDocument<Result, Variables>,
		variables: Variables,
		options?: RequestOptions,
	): Promise<Result>;
	/**
	 * Frames of a subscription, over as many connections as it takes. After a cut it begins anew with the same
	 * variables; where the frames carry a cursor, use `streamWithCursor`, which goes on from the last one.
	 */
	subscribe<Result, Variables>(
		document: TypedDocument<Result, Variables>,
		variables: Variables,
		options?: SubscribeOptions,
	): AsyncIterableIterator<Result>;
	/**
	 * As `subscribe`, going on after a cut from the last frame that arrived: nothing is lost and nothing comes twice.
	 * `cursorOf` reads a frame's cursor; it becomes the variable `after` of the next subscription.
	 */
	streamWithCursor<Result, Variables extends { after?: string | null | undefined }>(
		document: TypedDocument<Result, Variables>,
		variables: Variables,
		cursorOf: (frame: Result) => string,
		options?: SubscribeOptions,
	): AsyncIterableIterator<Result>;
	/** State of the one WebSocket behind all streams. */
	connectionState(): ConnectionState;
	onConnectionChange(listener: ConnectionListener): () => void;
	/** Ends all streams and the socket. */
	close(): Promise<void>;
}

export interface GraftClientOptions {
	/** Address of the API: `http://127.0.0.1:4620`, with or without `/graphql`. */
	readonly url: string;
	readonly onConnectionChange?: ConnectionListener;
	/** Node only: requests open the WebSocket by themselves, and find it open. For a process that sends many and has no stream. */
	readonly keepsSocket?: boolean;
}

/**
 * @internal The entries give the WebSocket of their platform. `requestsOverSocket`: requests take the socket while a stream
 * keeps it open. Not in browsers, whose requests are few, and are looked at in the network panel.
 */
export interface Platform {
	readonly webSocketImpl?: unknown;
	readonly requestsOverSocket: boolean;
}

/** @internal */
export function createClientWith(options: GraftClientOptions, platform: Platform): GraftClient {
	const address = apiAddress(options.url);
	const connection = createConnection(address.webSocket, {
		webSocketImpl: platform.webSocketImpl,
		isKept: platform.requestsOverSocket && options.keepsSocket,
	});
	const socket = platform.requestsOverSocket ? requestsOverSocket(address.webSocket, connection) : null;
	const closing = new AbortController();
	if (options.onConnectionChange) connection.onChange(options.onConnectionChange);

	function stream<Result, Variables>(
		document: TypedDocument<Result, Variables>,
		outer: AbortSignal | undefined,
		position: { variables: () => Variables; onFrame?: (frame: Result) => void },
	): AsyncIterableIterator<Result> {
		const leaving = new AbortController();
		const signal = AbortSignal.any([closing.signal, leaving.signal, ...(outer ? [outer] : [])]);
		const frames = resubscribe({ url: address.webSocket, connection, document, signal, ...position });
		return {
			next: () => frames.next(),
			// Abort first: a generator that waits for a frame would answer `return` only after that frame.
			return: () => {
				leaving.abort();
				return frames.return(undefined);
			},
			[Symbol.asyncIterator]() {
				return this;
			},
		};
	}

	return {
		url: address.base,
		request: <Result, Variables>(
			document: TypedDocument<Result, Variables>,
			variables: Variables,
			requestOptions?: RequestOptions,
		) => {
			const request = { query: document.toString(), variables: variables as Record<string, unknown> };
			const answer = socket?.tried(request, requestOptions) as Promise<Result> | null | undefined;
			return answer ?? requestOverHttp(address.graphql, document, variables, requestOptions);
		},
		subscribe: (document, variables, { signal } = {}) => stream(document, signal, { variables: () => variables }),
		streamWithCursor: (document, variables, cursorOf, { signal } = {}) => {
			let after = variables.after ?? null;
			return stream(document, signal, {
				variables: () => ({ ...variables, after }),
				onFrame: (frame) => {
					after = cursorOf(frame);
				},
			});
		},
		connectionState: connection.state,
		onConnectionChange: connection.onChange,
		async close() {
			closing.abort();
			await connection.dispose();
		},
	};
}
