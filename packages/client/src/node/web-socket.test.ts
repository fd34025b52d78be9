import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createConnection } from '../transport/connection.js';
import { NodeWebSocket } from './web-socket.js';

let server: Server;
let came: Promise<Socket>;

/** A connection to somebody who takes it and says nothing; and what its one subscription ends with. */
async function connectToSilence(webSocketImpl: unknown, handshakeMs?: number) {
	server = createServer();
	came = new Promise((resolve) => server.once('connection', (socket) => resolve(socket.on('error', () => undefined))));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const port = typeof address === 'object' ? address?.port : null;
	const connection = createConnection(`ws://127.0.0.1:${port}/graphql`, { webSocketImpl, handshakeMs });
	connection.opened();
	const sink = (error: (error: unknown) => void) => ({ next: () => undefined, error, complete: () => undefined });
	const ended = new Promise((resolve) =>
		connection.socket.subscribe({ query: 'subscription { news }' }, sink(resolve)),
	);
	return { connection, ended };
}

const waitsFor = (handshakeTimeout: number) =>
	class extends NodeWebSocket {
		constructor(at: string, protocols: string) {
			super(at, protocols, { handshakeTimeout });
		}
	};

async function leftBehind(socket: Socket) {
	if (!socket.destroyed) await new Promise((resolve) => socket.resume().once('close', resolve));
}

afterEach(async () => {
	(await came).destroy();
	await new Promise((resolve) => server.close(resolve));
});

it('gives up a connection that falls silent before it is open, and leaves no socket behind', async () => {
	const { connection, ended } = await connectToSilence(waitsFor(50));
	expect(String(((await ended) as { message?: unknown }).message)).toContain('handshake has timed out');
	expect(connection.state()).toBe('offline');
	await leftBehind(await came);
	await connection.dispose();
});

it('gives it up where the WebSocket itself would wait, as those of browsers do', async () => {
	const { connection, ended } = await connectToSilence(waitsFor(60_000), 50);
	expect(await ended).toMatchObject({ code: 4499 });
	expect(connection.state()).toBe('offline');
	await leftBehind(await came);
	await connection.dispose();
});

it('can be ended before it is open, without an error that nobody hears', async () => {
	const { connection, ended } = await connectToSilence(waitsFor(60_000));
	const socket = await came;
	connection.socket.terminate();
	expect(await ended).toMatchObject({ code: 4499 });
	await leftBehind(socket);
	await connection.dispose();
});
