import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '@graft/domain/protocol';
import { type Client, createClient } from 'graphql-ws/client';

/**
 * idle: no stream is open, so none is needed. connecting: the first try. online: the API answers.
 * offline: it was cut or never answered, and is being tried again.
 */
export type ConnectionState = 'idle' | 'connecting' | 'online' | 'offline';
export type ConnectionListener = (state: ConnectionState) => void;

/** A ping every 10 s, and 5 s for its answer: a half-open socket is noticed within a quarter of a minute. */
const KEEP_ALIVE_MS = 10_000;
const PONG_WAIT_MS = 5_000;

export interface Connection {
	readonly socket: Client;
	state(): ConnectionState;
	/** Called at each change; the answer ends it. */
	onChange(listener: ConnectionListener): () => void;
	/** Streams report themselves, so that a closed socket that nobody needs does not count as offline. */
	opened(): void;
	closed(): void;
	dispose(): Promise<void>;
}

/** One WebSocket for all streams of a client. It does not retry by itself: each stream does, from its own cursor. */
export function createConnection(url: string, webSocketImpl?: unknown): Connection {
	const listeners = new Set<ConnectionListener>();
	let state: ConnectionState = 'idle';
	let streams = 0;
	let pongTimer: ReturnType<typeof setTimeout> | undefined;

	function become(next: ConnectionState): void {
		if (next === state) return;
		state = next;
		for (const listener of listeners) listener(next);
	}

	const socket = createClient({
		url,
		webSocketImpl,
		connectionParams: { [PROTOCOL_HEADER]: PROTOCOL_VERSION },
		lazy: true,
		lazyCloseTimeout: 250,
		retryAttempts: 0,
		keepAlive: KEEP_ALIVE_MS,
		connectionAckWaitTimeout: PONG_WAIT_MS,
		on: {
			connecting: () => become(state === 'offline' ? 'offline' : 'connecting'),
			connected: () => become('online'),
			ping: (received) => {
				if (received) return;
				clearTimeout(pongTimer);
				pongTimer = setTimeout(() => socket.terminate(), PONG_WAIT_MS);
			},
			pong: (received) => {
				if (received) clearTimeout(pongTimer);
			},
			closed: () => {
				clearTimeout(pongTimer);
				become(streams > 0 ? 'offline' : 'idle');
			},
		},
	});

	return {
		socket,
		state: () => state,
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
			clearTimeout(pongTimer);
			// Rejects where the socket never opened, and then there is nothing to close.
			await Promise.resolve(socket.dispose()).catch(() => undefined);
			become('idle');
			listeners.clear();
		},
	};
}
