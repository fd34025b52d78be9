import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { root } from './process.js';

/** A trainer process itself, without the command line around it, so that a signal meets the process that trains. */
export function startTrainer(options: {
	readonly apiUrl: string;
	readonly name: string;
	readonly dataDir: string;
	readonly env?: Readonly<Record<string, string>>;
}): {
	child: ChildProcess;
	exited: Promise<NodeJS.Signals | number | null>;
	log: () => string;
} {
	const child = spawn(process.execPath, [path.join(root, 'apps/trainer/dist/main.js')], {
		stdio: ['ignore', 'ignore', 'pipe'],
		env: {
			...process.env,
			GRAFT_API_URL: options.apiUrl,
			GRAFT_WORKER_NAME: options.name,
			GRAFT_DATA_DIR: options.dataDir,
			...options.env,
		},
	});
	let log = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		log += text;
	});
	const exited = new Promise<NodeJS.Signals | number | null>((resolve) => {
		child.on('exit', (code, signal) => resolve(signal ?? code));
	});
	return { child, exited, log: () => log };
}
