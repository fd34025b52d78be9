import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** What a client asked for, and the means to answer. */
export interface Operation {
	readonly query: string;
	readonly variables: Readonly<Record<string, unknown>>;
	next(payload: unknown): void;
	error(errors: readonly { message: string }[]): void;
	complete(): void;
	/** True when the client completed it or the socket is gone. */
	ended(): boolean;
}

export interface LocalServer {
	readonly url: string;
	/** Every operation that was subscribed, in order. */
	readonly operations: Operation[];
	/** Cuts every socket hard, as a pulled cable or a killed process does. */
	cut(): void;
	close(): Promise<void>;
	/** Starts again on the same port after `close`. */
	reopen(): Promise<void>;
}

export interface LocalServerOptions {
	readonly http?: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void;
	readonly onSubscribe?: (operation: Operation) => void;
}

/** A real HTTP and WebSocket server that speaks just enough of graphql-transport-ws for the tests of this package. */
export async function localServer(options: LocalServerOptions): Promise<LocalServer> {
	const operations: Operation[] = [];
	let port = 0;
	let stop: () => Promise<void> = async () => undefined;
	let cut: () => void = () => undefined;

	async function open(): Promise<void> {
		const http = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk) => chunks.push(chunk));
			request.on('end', () => options.http?.(request, Buffer.concat(chunks), response));
		});
		const sockets = new WebSocketServer({ server: http, handleProtocols: () => 'graphql-transport-ws' });
		sockets.on('connection', (socket) => serve(socket, operations, options));
		await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
		port = (http.address() as AddressInfo).port;
		cut = () => {
			for (const socket of sockets.clients) socket.terminate();
		};
		stop = async () => {
			cut();
			http.closeAllConnections();
			await new Promise((resolve) => http.close(resolve));
		};
	}

	await open();
	return {
		url: `http://127.0.0.1:${port}`,
		operations,
		cut: () => cut(),
		close: () => stop(),
		reopen: open,
	};
}

function serve(socket: WebSocket, operations: Operation[], options: LocalServerOptions): void {
	const done = new Set<string>();
	const send = (message: object) => socket.readyState === socket.OPEN && socket.send(JSON.stringify(message));
	socket.on('message', (data) => {
		const message = JSON.parse(String(data));
		if (message.type === 'connection_init') send({ type: 'connection_ack' });
		if (message.type === 'ping') send({ type: 'pong' });
		if (message.type === 'complete') done.add(message.id);
		if (message.type !== 'subscribe') return;
		const operation: Operation = {
			...message.payload,
			next: (payload) => send({ id: message.id, type: 'next', payload }),
			error: (errors) => send({ id: message.id, type: 'error', payload: errors }),
			complete: () => send({ id: message.id, type: 'complete' }),
			ended: () => done.has(message.id) || socket.readyState !== socket.OPEN,
		};
		operations.push(operation);
		options.onSubscribe?.(operation);
	});
}
