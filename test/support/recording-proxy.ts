import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { pipeline } from 'node:stream';

/** One request that went through. */
export interface Seen {
	readonly method: string;
	/** Path and query. */
	readonly url: string;
	readonly status: number;
	readonly sent: number;
}

/** Stands before an HTTP server, under whose requests the address of the proxy itself stands: signatures hold. */
export interface RecordingProxy {
	readonly url: string;
	readonly seen: Seen[];
	/** Requests for which it answers true wait until it is set to another. */
	holds: (method: string, url: string) => boolean;
	close(): Promise<void>;
}

export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
	const { hostname, port } = new URL(target);
	const forward = (near: IncomingMessage, answer: ServerResponse) => {
		let sent = 0;
		const { method = '', url = '', headers } = near;
		const far = request({ hostname, port, method, path: url, headers }, (response) => {
			proxy.seen.push({ method, url, status: response.statusCode ?? 0, sent });
			answer.writeHead(response.statusCode ?? 502, response.headers);
			pipeline(response, answer, () => undefined);
		});
		near.on('data', (chunk: Buffer) => {
			sent += chunk.length;
		});
		pipeline(near, far, (error) => error && answer.destroy());
	};
	const server = createServer((near, answer) => {
		const go = () => {
			if (near.destroyed) return;
			if (!proxy.holds(near.method ?? '', near.url ?? '')) return forward(near, answer);
			setTimeout(go, 20);
		};
		go();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const proxy: RecordingProxy = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		seen: [],
		holds: () => false,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return proxy;
}

/** Counts the bytes that go through it, both ways, whatever they are. */
export async function startCountingProxy(target: string): Promise<{ url: string; bytes: () => number; close(): void }> {
	const { hostname, port } = new URL(target);
	let bytes = 0;
	const sockets = new Set<{ destroy(): void }>();
	const server = createTcpServer((near) => {
		const far = connect(Number(port), hostname);
		for (const [from, to] of [[near, far] as const, [far, near] as const]) {
			sockets.add(from);
			from.on('data', (chunk) => {
				bytes += chunk.length;
			});
			pipeline(from, to, () => undefined);
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		bytes: () => bytes,
		close: () => {
			for (const socket of sockets) socket.destroy();
			server.close();
		},
	};
}
