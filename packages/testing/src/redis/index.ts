import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';

/** A real Redis that keeps nothing on disk. */
export interface TestRedis {
	readonly url: string;
	/** SIGKILL: its clients see their connections break. */
	kill(): Promise<void>;
	/** At the same address. */
	restart(): Promise<void>;
}

/** The redis-server that `npm test` found, or one on the PATH; null where there is none. */
export function redisServerPath(env = process.env): string | null {
	const folders = [...(env.PATH ?? '').split(path.delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
	const files = env.GRAFT_REDIS_SERVER ? [env.GRAFT_REDIS_SERVER] : folders.map((f) => path.join(f, 'redis-server'));
	return files.find(isExecutable) ?? null;
}

export async function startTestRedis(): Promise<TestRedis> {
	const server = redisServerPath();
	if (server === null) throw new Error('There is no redis-server here.');
	const port = await freePort();
	let child = await launch(server, port);
	return {
		url: `redis://127.0.0.1:${port}`,
		kill: () =>
			new Promise((resolve) => {
				if (child.exitCode !== null || child.signalCode !== null) return resolve();
				child.once('exit', () => resolve());
				child.kill('SIGKILL');
			}),
		restart: async () => {
			child = await launch(server, port);
		},
	};
}

async function launch(server: string, port: number): Promise<ChildProcess> {
	const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
	const child = spawn(server, options, { stdio: 'ignore' });
	for (let tries = 0; tries < 600; tries += 1) {
		if (await isListening(port)) return child;
		if (child.exitCode !== null) break;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`${server} did not start on port ${port}.`);
}

function isListening(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		const answer = (listening: boolean) => {
			socket.destroy();
			resolve(listening);
		};
		socket.once('connect', () => answer(true)).once('error', () => answer(false));
	});
}

function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const server = createServer();
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
		});
	});
}

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
