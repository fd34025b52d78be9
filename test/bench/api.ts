import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { root } from '../support/process.js';
import { KeptConnection } from './kept-connection.js';

/** A real API process over a database, and the plainest client for it: bodies are made beforehand, so that they cost nothing. */
export interface BenchApi {
	readonly url: string;
	readonly pid: number;
	post(body: string): Promise<string>;
	/** @throws Error with what the API said. */
	ask<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
	stop(): Promise<void>;
}

export async function startApi(
	databaseUrl: string,
	dataDir: string,
	env: Readonly<Record<string, string>> = {},
): Promise<BenchApi> {
	const child = spawn(process.execPath, ['--enable-source-maps', path.join(root, 'apps/api/dist/main.js')], {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: {
			...process.env,
			// As the platform and its image start it.
			NODE_ENV: 'production',
			...env,
			DATABASE_URL: databaseUrl,
			GRAFT_DATA_DIR: dataDir,
			GRAFT_PORT: '0',
			GRAFT_LOG_LEVEL: 'error',
		},
	});
	const url = await readyUrl(child);
	const address = new URL(`${url}/graphql`);
	const free: KeptConnection[] = [];
	const post = async (body: string) => {
		let connection = free.pop();
		while (connection?.isUsable === false) connection = free.pop();
		connection ??= new KeptConnection(address);
		const answer = await connection.post(body);
		free.push(connection);
		return answer;
	};
	return {
		url,
		pid: child.pid ?? 0,
		post,
		async ask<T>(query: string, variables: Record<string, unknown> = {}) {
			const answer: { data?: T; errors?: unknown } = JSON.parse(await post(JSON.stringify({ query, variables })));
			if (answer.errors !== undefined || answer.data === undefined) throw new Error(JSON.stringify(answer.errors));
			return answer.data;
		},
		stop: () =>
			new Promise((resolve) => {
				child.once('close', () => resolve());
				for (const connection of free) connection.close();
				child.kill('SIGINT');
			}),
	};
}

function readyUrl(child: ChildProcess): Promise<string> {
	return new Promise((resolve, reject) => {
		let printed = '';
		child.once('close', (code) => reject(new Error(`the API ended with ${code} before it was ready`)));
		child.stdout?.setEncoding('utf8').on('data', (text: string) => {
			printed += text;
			const ready = printed.match(/\{"ready":true,"url":"([^"]+)"\}/);
			if (ready?.[1] !== undefined) resolve(ready[1]);
		});
	});
}
