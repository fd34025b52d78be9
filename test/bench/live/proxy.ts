import { connect, createServer, type Socket } from 'node:net';

/** A line between a client and the API that can be cut, and that can stop flowing while it stays up. */
export interface Line {
	readonly url: string;
	/** Ends every connection and takes no more until `mend`. */
	cut(): void;
	mend(): void;
	/** Nothing is read from the API any more, on new connections neither: to it, the client has stalled. */
	stall(): void;
	flow(): void;
	close(): Promise<void>;
}

export async function openLine(targetUrl: string): Promise<Line> {
	const { hostname, port } = new URL(targetUrl);
	const pairs = new Set<readonly [Socket, Socket]>();
	let isCut = false;
	let isStalled = false;
	const server = createServer((client) => {
		if (isCut) return client.destroy();
		const api = connect(Number(port), hostname);
		const pair = [client, api] as const;
		pairs.add(pair);
		const end = () => {
			pairs.delete(pair);
			client.destroy();
			api.destroy();
		};
		for (const socket of pair) socket.on('error', end).on('close', end);
		client.pipe(api);
		if (isStalled) api.pause();
		else api.pipe(client);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const own = typeof address === 'object' && address !== null ? address.port : 0;
	return {
		url: `http://127.0.0.1:${own}`,
		cut() {
			isCut = true;
			for (const [client] of [...pairs]) client.destroy();
		},
		mend() {
			isCut = false;
		},
		stall() {
			isStalled = true;
			for (const [client, api] of pairs) {
				api.unpipe(client);
				api.pause();
			}
		},
		flow() {
			isStalled = false;
			for (const [client, api] of pairs) api.pipe(client);
		},
		close: () =>
			new Promise((resolve) => {
				for (const [client] of [...pairs]) client.destroy();
				server.close(() => resolve());
			}),
	};
}
