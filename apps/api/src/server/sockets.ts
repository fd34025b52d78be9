import type { IncomingMessage } from 'node:http';
import type { Logger } from '@graft/runtime/logger';
import { CloseCode, handleProtocols, type Server } from 'graphql-ws';
import type { WebSocket, WebSocketServer } from 'ws';

/** An answer that finds more than this before it waits until the socket has taken it: what a reader that stalls may cost. */
const BUFFERED_BYTES = 16 * 1024;
/** Looks at silence are this much closer than the silence itself, so that a silent peer is found in time. */
const LOOKS_PER_PING = 4;
const SENT = Promise.resolve();

export interface Extra extends Record<string, unknown> {
	readonly request: IncomingMessage;
	readonly socket: WebSocket;
	/** Sends a message at once, and not with what else is said in this turn; as an answer, it waits where the socket is behind. */
	readonly send: (message: string) => Promise<void>;
}

export interface SocketOptions {
	readonly pingMs: number;
	readonly logger: Logger;
}

/**
 * Joins the protocol to the sockets. Our own and not the library's adapter for two reasons, both of which count with hundreds
 * of trainers that send a heartbeat every few seconds: what is said on a socket in one turn goes out in one write, where
 * that sends an answer and its end by themselves; and only a peer that has been silent is pinged. Answers the end of it.
 */
export function joinSockets(
	sockets: WebSocketServer,
	protocol: Server<Extra>,
	{ pingMs, logger }: SocketOptions,
): () => void {
	const heardAt = new WeakMap<WebSocket, number>();
	const pinged = new WeakSet<WebSocket>();
	sockets.options.handleProtocols = (protocols) => handleProtocols(protocols);

	sockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
		const heard = () => {
			heardAt.set(socket, performance.now());
			pinged.delete(socket);
		};
		const fail = (error: unknown) => {
			logger.warn({ err: error }, 'a WebSocket failed');
			socket.close(CloseCode.InternalServerError, 'Internal server error');
		};
		const send = sender(socket, request);
		heard();
		socket.on('error', fail).on('pong', heard);
		const closed = protocol.opened(
			{
				protocol: socket.protocol,
				send: (message) => send(message, false),
				close: (code, reason) => socket.close(code, reason),
				onMessage: (take) =>
					socket.on('message', (data) => {
						heard();
						take(String(data)).catch(fail);
					}),
			},
			{ socket, request, send: (message) => send(message, true) },
		);
		socket.once('close', (code, reason) => void closed(code, String(reason)).catch(fail));
	});

	const timer = setInterval(() => {
		for (const socket of sockets.clients) {
			const silentMs = performance.now() - (heardAt.get(socket) ?? 0);
			if (silentMs > 2 * pingMs) socket.terminate();
			else if (silentMs > pingMs && !pinged.has(socket) && socket.readyState === socket.OPEN) {
				pinged.add(socket);
				socket.ping();
			}
		}
	}, pingMs / LOOKS_PER_PING);
	timer.unref();
	return () => clearInterval(timer);
}

/** `atOnce`: nothing is said after it in this turn, and the first of many readers need not wait for the last one's frame. */
function sender(
	socket: WebSocket,
	{ socket: connection }: IncomingMessage,
): (data: string, atOnce: boolean) => Promise<void> {
	let isCorked = false;
	return (data, atOnce) => {
		if (socket.readyState !== socket.OPEN) return SENT;
		if (!isCorked && !atOnce) {
			isCorked = true;
			connection.cork();
			setImmediate(() => {
				isCorked = false;
				connection.uncork();
			});
		}
		if (socket.bufferedAmount <= BUFFERED_BYTES) {
			// A socket that breaks tells it by its close.
			socket.send(data);
			return SENT;
		}
		return new Promise<void>((resolve, reject) => {
			socket.send(data, (error) => (error ? reject(error) : resolve()));
		});
	};
}
