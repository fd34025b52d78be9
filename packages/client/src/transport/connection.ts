import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '@graft/domain/protocol';
import { type Client, createClient } from 'graphql-ws/client';

/**
 * idle: no stream is open, so none is needed. connecting: the first try. online: the API answers.
 * offline: it was cut or never answered, and is being tried again.
 */
export type ConnectionState = 'idle' | 'connecting' | 'online' | 'offline';
export type ConnectionListener = (state: ConnectionState) => void;

/** After 10 s of silence a ping, and 5 s for its answer: a half-open socket is noticed within a quarter of a minute. */
const SILENT_MS = 10_000;
const PONG_WAIT_MS = 5_000;
/** An opening that nobody answers is given up after so long: graphql-ws never does, and a browser after minutes. */
const HANDSHAKE_MS = SILENT_MS;
/** A socket without streams is closed so soon; a kept one outlives some heartbeats. */
const IDLE_MS = 250;
const KEPT_IDLE_MS = 15_000;
const PING = JSON.stringify({ type: 'ping' });

export interface ConnectionOptions {
	readonly webSocketImpl?: unknown;
	readonly isKept?: boolean;
	/** Milliseconds that the socket may take to open; 10 s. */
	readonly handshakeMs?: number;
}

export interface Connection {
	readonly socket: Client;
	state(): ConnectionState;
	/** Whether requests may take the socket: it is open and stays so, because a stream needs it, or it is kept for them. */
	isHeld(): boolean;
	/** When the last message came (monotonic milliseconds). */
	heardAt(): number;
	/** Called at each change; the answer ends it. */
	onChange(listener: ConnectionListener): () => void;
	/** Streams report themselves, so that a closed socket that nobody needs does not count as offline. */
	opened(): void;
	closed(): void;
	dispose(): Promise<void>;
}

/**
 * One WebSocket for all streams of a client. It does not retry by itself: each stream does, from its own cursor. `isKept`:
 * requests open it too, and it stays between them.
 */
export function createConnection(
	url: string,
	{ webSocketImpl, isKept = false, handshakeMs = HANDSHAKE_MS }: ConnectionOptions = {},
): Connection {
	const listeners = new Set<ConnectionListener>();
	let state: ConnectionState = 'idle';
	let streams = 0;
	let heardAt = 0;
	let watch: ReturnType<typeof setTimeout> | undefined;
	let opening: ReturnType<typeof setTimeout> | undefined;

	function become(next: ConnectionState): void {
		if (next === state) return;
		state = next;
		for (const listener of listeners) listener(next);
	}

	/** A socket that says something by itself, such as the answers to heartbeats, needs no pings. */
	function watchSilence(raw: { send(text: string): void }): void {
		const silentMs = performance.now() - heardAt;
		if (silentMs < SILENT_MS) {
			watch = setTimeout(watchSilence, SILENT_MS - silentMs, raw);
			return;
		}
		const askedAt = performance.now();
		raw.send(PING);
		watch = setTimeout(() => {
			if (heardAt < askedAt) socket.terminate();
			else watchSilence(raw);
		}, PONG_WAIT_MS);
	}

	const socket = createClient({
		url,
		webSocketImpl,
		connectionParams: { [PROTOCOL_HEADER]: PROTOCOL_VERSION },
		lazy: true,
		lazyCloseTimeout: isKept ? KEPT_IDLE_MS : IDLE_MS,
		retryAttempts: 0,
		connectionAckWaitTimeout: PONG_WAIT_MS,
		on: {
			connecting: () => {
				become(state === 'offline' ? 'offline' : 'connecting');
				opening = setTimeout(() => socket.terminate(), handshakeMs);
			},
			opened: () => clearTimeout(opening),
			connected: (raw) => {
				heardAt = performance.now();
				watchSilence(raw as { send(text: string): void });
				become('online');
			},
			message: () => {
				heardAt = performance.now();
			},
			closed: () => {
				clearTimeout(opening);
				clearTimeout(watch);
				become(streams > 0 ? 'offline' : 'idle');
			},
		},
	});

	return {
		socket,
		state: () => state,
		isHeld: () => isKept || (state === 'online' && streams > 0),
		heardAt: () => heardAt,
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		opened() {
			streams += 1;
		},
		closed() {
			streams -= 1;
			if (streams === 0 && state === 'offline') become('idle');
		},
		async dispose() {
			clearTimeout(opening);
			clearTimeout(watch);
			// Rejects where the socket never opened, and then there is nothing to close.
			await Promise.resolve(socket.dispose()).catch(() => undefined);
			become('idle');
			listeners.clear();
		},
	};
}
