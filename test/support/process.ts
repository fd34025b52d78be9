import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

/** The checkout: this file runs from its source in tests and from `dist` in benchmarks. */
export const root = above(import.meta.dirname, 'biome.json');

function above(folder: string, file: string): string {
	return existsSync(path.join(folder, file)) ? folder : above(path.dirname(folder), file);
}

export const graftBin = path.join(root, 'apps/cli/bin/graft.mjs');

/** A real process of the product, with all that it has printed so far. */
export interface Running {
	readonly child: ChildProcess;
	readonly stdout: () => string;
	readonly stderr: () => string;
	/** Resolves with the match as soon as the process has printed it; rejects when it ends without. */
	readonly printed: (pattern: RegExp) => Promise<RegExpMatchArray>;
	readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
	/** SIGINT, as Ctrl-C, and waits for the end. */
	readonly stop: () => Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export function runGraft(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
	const child = spawn(process.execPath, [graftBin, ...args], {
		cwd: root,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, NO_COLOR: '1', ...env },
	});
	const output = { stdout: '', stderr: '' };
	const listeners = new Set<() => void>();
	for (const stream of ['stdout', 'stderr'] as const) {
		child[stream].setEncoding('utf8').on('data', (text: string) => {
			output[stream] += text;
			for (const listener of listeners) listener();
		});
	}
	const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
		child.on('close', (code, signal) => {
			resolve({ code, signal });
			for (const listener of listeners) listener();
		});
	});
	const printed = (pattern: RegExp) =>
		new Promise<RegExpMatchArray>((resolve, reject) => {
			const look = () => {
				const match = `${output.stdout}\n${output.stderr}`.match(pattern);
				if (match !== null) {
					listeners.delete(look);
					resolve(match);
				} else if (child.exitCode !== null || child.signalCode !== null) {
					listeners.delete(look);
					reject(new Error(`graft ${args.join(' ')} ended without ${pattern}:\n${output.stdout}\n${output.stderr}`));
				}
			};
			listeners.add(look);
			look();
		});
	return {
		child,
		stdout: () => output.stdout,
		stderr: () => output.stderr,
		printed,
		exited,
		stop: () => {
			if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
			return exited;
		},
	};
}

/** A loopback port that nobody listens on now. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			const port = typeof address === 'object' && address !== null ? address.port : 0;
			server.close(() => resolve(port));
		});
	});
}
