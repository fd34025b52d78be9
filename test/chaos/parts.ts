import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { startServer } from '@graft/testing/chaos';
import type { App } from '../support/app.js';
import { descendants } from '../support/cpu.js';

/** A process that comes back when it was killed. */
export interface Part {
	readonly name: string;
	pids(): readonly number[];
	/** When it was ready last (epoch ms). */
	readySince(): number;
	kill(signal: NodeJS.Signals): void;
	/** Starts it again after it has ended. */
	restart(): Promise<void>;
	readonly log: () => string;
	/** Where it listens now. */
	url(): string;
}

/** A start that fails so often in a row fails for a reason of its own. */
const STARTS = 60;
/** Told to end, a trainer takes 10 s at the most and an API process 30. */
const ENDED_WITHIN_MS = 40_000;

interface AppPart extends Part {
	/** SIGTERM, and waits for the end; false: it had to be killed. */
	end(): Promise<boolean>;
}

/** `onFall` hears of an end that nobody asked for; the process is started again, as its supervisor would. */
export async function appPart(name: string, start: () => App, onFall: (what: string) => void): Promise<AppPart> {
	const apps: App[] = [];
	const app = (): App => apps[apps.length - 1] as App;
	let [readySince, url, isAsked, isOver] = [0, '', false, false];

	async function begin(): Promise<void> {
		for (let starts = 1; ; starts += 1) {
			const started = start();
			apps.push(started);
			try {
				({ url } = await started.ready);
				break;
			} catch (error) {
				// One that finds the database away at its start ends; whoever supervises it starts it again.
				if (isAsked || starts === STARTS) throw error;
			}
		}
		[readySince, isAsked] = [Date.now(), false];
		const now = app();
		void now.exited.then((how) => {
			if (now !== app() || isAsked) return;
			onFall(`${name} ended by itself (${how}): ${now.log().trimEnd().split('\n').slice(-3).join(' | ')}`);
			begin().catch((error) => onFall(`${name} did not come back: ${error}`));
		});
	}

	await begin();
	return {
		name,
		pids: () => (app().child.pid === undefined ? [] : [app().child.pid as number]),
		readySince: () => readySince,
		kill: (signal) => {
			if (signal === 'SIGKILL') isAsked = true;
			app().child.kill(signal);
		},
		restart: async () => {
			await app().exited;
			if (isOver) return;
			isAsked = false;
			await begin();
		},
		log: () => apps.map(({ log }) => log()).join(''),
		url: () => url,
		end: async () => {
			isAsked = isOver = true;
			// One that was stopped hears nothing else.
			for (const signal of ['SIGCONT', 'SIGTERM'] as const) app().child.kill(signal);
			let isKilled = false;
			const late = setTimeout(() => {
				isKilled = app().child.kill('SIGKILL');
			}, ENDED_WITHIN_MS);
			await app().exited;
			clearTimeout(late);
			return !isKilled;
		},
	};
}

export async function databasePart(dataDir: string): Promise<Part & { stop(): Promise<void> }> {
	mkdirSync(dataDir, { recursive: true });
	let server = await startServer(dataDir);
	let [readySince, isOver] = [Date.now(), false];
	/** Of a file that is just being written nothing follows: signals to process 0 would go to ourselves. */
	const postmaster = () => {
		const pid = Number(readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
		if (!(pid > 1)) throw new Error('PostgreSQL has not written its process id');
		return pid;
	};
	const pids = () => [postmaster(), ...descendants(postmaster())];
	const isRunning = () => existsSync(path.join(dataDir, 'postgres/postmaster.pid'));
	const signal = (pid: number, name: NodeJS.Signals) => {
		try {
			process.kill(pid, name);
		} catch {
			// A backend that has just ended.
		}
	};
	return {
		name: 'postgres',
		url: () => server.url,
		pids,
		readySince: () => readySince,
		kill(name) {
			// A killed postmaster takes its children with it; to stop them all, each has to be told.
			for (const pid of name === 'SIGKILL' ? [postmaster()] : pids()) signal(pid, name);
		},
		restart: async () => {
			if (isOver) return;
			server = await startServer(dataDir);
			readySince = Date.now();
		},
		log: () => readFileSync(path.join(dataDir, 'postgres.log'), 'utf8'),
		stop: async () => {
			isOver = true;
			// Where a storm broke off in the middle, it may be stopped, or killed and not started again.
			if (isRunning()) for (const pid of pids()) signal(pid, 'SIGCONT');
			await server.stop();
		},
	};
}
