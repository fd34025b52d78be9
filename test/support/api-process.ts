import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { freePort, root } from './process.js';

/** An API process of its own over a database that others may use too. */
export interface ApiProcess {
	readonly url: string;
	readonly pid: number;
	/** SIGKILL: nothing is said to anybody. */
	kill(): Promise<void>;
	/** SIGINT, as Ctrl-C. */
	stop(): Promise<void>;
	/** Starts it again at the same address. */
	restart(): Promise<void>;
}

export interface ApiProcessOptions {
	readonly databaseUrl: string;
	readonly dataDir: string;
	readonly env?: Readonly<Record<string, string>>;
	/** Options of Node, such as --cpu-prof. */
	readonly nodeOptions?: readonly string[];
}

export async function startApi(options: ApiProcessOptions): Promise<ApiProcess> {
	const port = await freePort();
	let child = await launch(options, port);
	const end = (signal: NodeJS.Signals) =>
		new Promise<void>((resolve) => {
			if (child.exitCode !== null || child.signalCode !== null) return resolve();
			child.once('close', () => resolve());
			child.kill(signal);
		});
	return {
		url: `http://127.0.0.1:${port}`,
		get pid() {
			return child.pid ?? 0;
		},
		kill: () => end('SIGKILL'),
		stop: () => end('SIGINT'),
		restart: async () => {
			child = await launch(options, port);
		},
	};
}

function launch({ databaseUrl, dataDir, env, nodeOptions = [] }: ApiProcessOptions, port: number) {
	const main = path.join(root, 'apps/api/dist/main.js');
	const child = spawn(process.execPath, [...nodeOptions, main], {
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {
			...process.env,
			DATABASE_URL: databaseUrl,
			GRAFT_DATA_DIR: dataDir,
			GRAFT_PORT: String(port),
			GRAFT_LOG_LEVEL: 'warn',
			...env,
		},
	});
	return new Promise<ChildProcess>((resolve, reject) => {
		let said = '';
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			said += text;
		});
		child.once('close', (code) => reject(new Error(`the API ended with ${code} before it was ready:\n${said}`)));
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			if (text.includes('"ready":true')) resolve(child);
		});
	});
}
