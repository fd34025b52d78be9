import { connect, createServer, type Socket } from 'node:net';

/** Between two parts of the platform: it can be cut, be slow, and fall silent. */
export interface TcpProxy {
	readonly port: number;
	/** Where new connections go; asked anew for each. */
	target: () => { readonly host: string; readonly port: number };
	/** Cuts every connection there is, as a restarted switch does. */
	cut(): number;
	/**
	 * Loses every byte of the connections there are, and tells neither end, as a pulled cable does: each has to notice by itself.
	 * Resolves when those that came here have left.
	 */
	silence(): Promise<void>;
	/** Holds every byte back for so long, in both directions; 0: passes it at once. */
	delayMs: number;
	close(): Promise<void>;
}

interface Pair {
	readonly near: Socket;
	readonly far: Socket;
	isSilent: boolean;
}

export async function startTcpProxy(target: TcpProxy['target']): Promise<TcpProxy> {
	const pairs = new Set<Pair>();
	const server = createServer((near) => {
		const pair: Pair = { near, far: connect(proxy.target()), isSilent: false };
		pairs.add(pair);
		for (const [from, to] of [[near, pair.far] as const, [pair.far, near] as const]) {
			from.setNoDelay(true);
			from.on('data', (bytes) => {
				const pass = () => void (to.destroyed || pair.isSilent || to.write(bytes));
				// Timers of one length fire in the order in which they were set, so that bytes keep theirs.
				if (proxy.delayMs > 0) setTimeout(pass, proxy.delayMs);
				else pass();
			});
			from.on('error', () => undefined);
			from.on('close', () => {
				if (!pair.isSilent) to.destroy();
				if (near.destroyed && pair.far.destroyed) pairs.delete(pair);
			});
		}
	});
	const proxy: TcpProxy = {
		port: 0,
		target,
		delayMs: 0,
		cut() {
			const count = pairs.size;
			for (const { near, far } of pairs) for (const socket of [near, far]) socket.destroy();
			return count;
		},
		async silence() {
			const left = [...pairs].map((pair) => {
				pair.isSilent = true;
				return new Promise((resolve) => (pair.near.destroyed ? resolve(null) : pair.near.once('close', resolve)));
			});
			await Promise.all(left);
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
