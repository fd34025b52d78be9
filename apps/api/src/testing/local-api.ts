import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DirectArtifactStore, type Engine, openLocalArtifactStore } from '@graft/engine';
import { createLogger } from '@graft/runtime/logger';
import WebSocket from 'ws';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../server/api-server.js';

export interface LocalApi extends ApiServer {
	readonly artifacts: DirectArtifactStore;
	graphql<Data = Record<string, unknown>>(
		query: string,
		variables?: Readonly<Record<string, unknown>>,
	): Promise<{ data: Data; errors?: { message: string; extensions: Record<string, unknown> }[] }>;
	/** A raw WebSocket that has said hello, so that a test sees every message. */
	connect(headers?: Readonly<Record<string, string>>): Promise<Peer>;
}

/** The real server on a free port. A test gives those methods of the engine that its requests reach. */
export async function startLocalApi(
	engine: Partial<Engine> | ((artifacts: DirectArtifactStore) => Engine),
	options: Partial<ApiServerOptions> = {},
): Promise<LocalApi> {
	const directory = await mkdtemp(path.join(tmpdir(), 'graft-api-'));
	const artifacts = await openLocalArtifactStore({ directory });
	const server = await startApiServer({
		engine: typeof engine === 'function' ? engine(artifacts) : (engine as Engine),
		artifacts,
		ping: async () => undefined,
		host: '127.0.0.1',
		port: 0,
		publicUrl: null,
		dashboardOrigins: ['http://localhost:4621'],
		logger: createLogger('api-test', 'silent'),
		...options,
	});
	return {
		url: server.url,
		artifacts,
		async close() {
			await server.close();
			await rm(directory, { recursive: true, force: true });
		},
		async graphql(query, variables = {}) {
			const response = await fetch(`${server.url}/graphql`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ query, variables }),
			});
			return (await response.json()) as never;
		},
		connect: (headers) => connectPeer(server.url, headers),
	};
}

interface Message {
	readonly type: string;
	readonly id?: string;
	// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever its own query asked for.
	readonly payload?: any;
}

export interface Peer {
	readonly socket: WebSocket;
	readonly messages: readonly Message[];
	send(message: object): void;
	/** Resolves with the first message, past or future, that satisfies. */
	received(satisfies: (message: Message) => boolean): Promise<Message>;
	readonly closed: Promise<{ code: number; reason: string }>;
}

async function connectPeer(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Peer> {
	const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
	const messages: Message[] = [];
	const waiting = new Set<() => void>();
	socket.on('message', (data) => {
		messages.push(JSON.parse(String(data)) as Message);
		for (const look of waiting) look();
	});
	const closed = new Promise<{ code: number; reason: string }>((resolve) => {
		socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
	});
	const peer: Peer = {
		socket,
		messages,
		closed,
		send: (message) => socket.send(JSON.stringify(message)),
		received: (satisfies) =>
			new Promise((resolve) => {
				const look = () => {
					const found = messages.find(satisfies);
					if (!found) return;
					waiting.delete(look);
					resolve(found);
				};
				waiting.add(look);
				look();
			}),
	};
	await new Promise<void>((resolve, reject) => {
		socket.once('open', () => resolve());
		socket.once('error', reject);
	});
	peer.send({ type: 'connection_init' });
	await peer.received(({ type }) => type === 'connection_ack');
	return peer;
}
