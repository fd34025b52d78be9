import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

/** A process of the benchmark, built beside this file; it is told things and answers each. */
export interface Child {
	readonly pid: number;
	/** The next thing that it says. */
	heard<T>(): Promise<T>;
	ask<T>(message: string): Promise<T>;
	kill(): void;
}

export function startChild(name: 'writer' | 'readers', job: unknown): Child {
	const child: ChildProcess = fork(path.join(import.meta.dirname, `${name}.js`));
	child.send(job as object);
	const said: unknown[] = [];
	const waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
	child.on('message', (message) => {
		const next = waiting.shift();
		if (next === undefined) said.push(message);
		else next.resolve(message);
	});
	child.on('exit', (code) => {
		for (const { reject } of waiting.splice(0)) reject(new Error(`${name} ended with ${code}`));
	});
	const heard = <T>() =>
		said.length > 0
			? Promise.resolve(said.shift() as T)
			: new Promise<T>((resolve, reject) => waiting.push({ resolve: resolve as (value: unknown) => void, reject }));
	return {
		pid: child.pid ?? 0,
		heard,
		ask: (message) => {
			child.send(message);
			return heard();
		},
		kill: () => void child.kill('SIGKILL'),
	};
}
