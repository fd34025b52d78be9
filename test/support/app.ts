import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { root } from './process.js';

/** One app of the platform as a process of its own, without the command line around it. */
export interface App {
	readonly child: ChildProcess;
	/** What its ready line says; rejects with its log where it ends before. */
	readonly ready: Promise<{ readonly url: string }>;
	readonly exited: Promise<NodeJS.Signals | number | null>;
	readonly log: () => string;
}

export function startApp(name: 'api' | 'trainer', env: Readonly<Record<string, string>>): App {
	const child = spawn(process.execPath, [path.join(root, `apps/${name}/dist/main.js`)], {
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, ...env },
	});
	let log = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		log += text;
	});
	const exited = new Promise<NodeJS.Signals | number | null>((resolve) => {
		child.on('exit', (code, signal) => resolve(signal ?? code));
	});
	const ready = new Promise<{ url: string }>((resolve, reject) => {
		let out = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			out += text;
			const line = /^\{"ready":true.*$/m.exec(out);
			if (line !== null && out.includes('\n')) resolve(JSON.parse(line[0]));
		});
		void exited.then((how) => reject(new Error(`${name} ended (${how}) before it was ready:\n${log}`)));
	});
	// Whoever needs it awaits it.
	ready.catch(() => undefined);
	return { child, ready, exited, log: () => log };
}
