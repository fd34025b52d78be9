import { connect, createServer, type Socket } from 'node:net';

/** Between two parts of the platform: it can be cut, and it can be slow. */
export interface TcpProxy {
	readonly port: number;
	/** Where new connections go; asked anew for each. */
	target: () => { readonly host: string; readonly port: number };
	/** Cuts every connection there is, as a restarted switch does. */
	cut(): number;
	/** Holds every byte back for so long, in both directions; 0: passes it at once. */
	delayMs: number;
	close(): Promise<void>;
}

export async function startTcpProxy(target: TcpProxy['target']): Promise<TcpProxy> {
	const pairs = new Set<readonly [Socket, Socket]>();
	const server = createServer((near) => {
		const far = connect(proxy.target());
		const pair = [near, far] as const;
		pairs.add(pair);
		for (const [from, to] of [pair, [far, near] as const]) {
			from.setNoDelay(true);
			from.on('data', (bytes) => {
				const pass = () => void (to.destroyed || to.write(bytes));
				// Timers of one length fire in the order in which they were set, so that bytes keep theirs.
				if (proxy.delayMs > 0) setTimeout(pass, proxy.delayMs);
				else pass();
			});
			from.on('error', () => undefined);
			from.on('close', () => {
				pairs.delete(pair);
				to.destroy();
			});
		}
	});
	const proxy: TcpProxy = {
		port: 0,
		target,
		delayMs: 0,
		cut() {
			const count = pairs.size;
			for (const pair of pairs) for (const socket of pair) socket.destroy();
			return count;
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				proxy.cut();
			}),
	};
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	return Object.assign(proxy, { port: typeof address === 'object' && address !== null ? address.port : 0 });
}
