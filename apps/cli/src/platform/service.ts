import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { GraftError } from '@graft/domain/error';
import { backoffMs, sleep } from '@graft/runtime/backoff';
import { openLogFile } from './log-file.js';
import { PROGRAMS } from './paths.js';

/** How a program tells that it is up: a JSON line `{"ready": true, ...}` on stdout, or an address that answers. */
export type ReadySign = { readonly kind: 'line' } | { readonly kind: 'http'; readonly url: string };

export interface ServiceSpec {
	readonly name: string;
	readonly program: string;
	readonly args?: readonly string[];
	readonly env: NodeJS.ProcessEnv;
	readonly ready: ReadySign;
	/** SIGKILL follows SIGTERM after this. */
	readonly stopMs: number;
}

export interface ServiceOptions {
	readonly logDir: string;
	/** One line for a person: it ended, it is started again. */
	readonly say: (line: string) => void;
	readonly restartDelayMs?: (attempt: number) => number;
	readonly readyTimeoutMs?: number;
}

export interface Service {
	readonly name: string;
	readonly logPath: string;
	pid(): number | undefined;
	/** What its ready line says. Rejects with its last words when it ends before it is up the first time. */
	readonly ready: Promise<Readonly<Record<string, unknown>>>;
	/** Ends it for good: SIGTERM, and SIGKILL where that does not help. */
	stop(): Promise<void>;
}

interface Exit {
	readonly code: number | null;
	/** For a person. */
	readonly why: string;
}

/** A first start makes a database and may meet a cold disk. */
const READY_TIMEOUT_MS = 60_000;
/** A program that held this long was healthy: the next wait begins small again. */
const HEALTHY_MS = 30_000;
const PRELOAD = pathToFileURL(PROGRAMS.leaveWithParent).href;

/** What a drained trainer ends with: it was asked not to take work any more, and must not come back by itself. */
const DRAINED = 3;

/**
 * Runs a Node program and starts it again whenever it ends, unless it was drained. It lives in a process group of its
 * own, so that a terminal's Ctrl-C does not reach it before its turn.
 */
export function startService(spec: ServiceSpec, options: ServiceOptions): Service {
	const { say, restartDelayMs = (attempt) => backoffMs(attempt, { baseMs: 1_000, maxMs: 15_000 }) } = options;
	const log = openLogFile(options.logDir, spec.name);
	const stopping = new AbortController();
	let child: ChildProcess | undefined;
	let wasReady = false;

	function launch(): { exited: Promise<Exit>; ready: Promise<Record<string, unknown>> } {
		const started = spawn(process.execPath, ['--import', PRELOAD, spec.program, ...(spec.args ?? [])], {
			detached: true,
			env: spec.env,
			stdio: ['ignore', 'pipe', log.descriptor, 'pipe'],
		});
		child = started;
		const exited = new Promise<Exit>((resolve) => {
			started.once('error', (error) => resolve({ code: null, why: error.message }));
			started.once('exit', (code, signal) => resolve({ code, why: signal ?? `exit code ${code}` }));
		});
		const gone = new AbortController();
		void exited.then(() => gone.abort());
		const ready = spec.ready.kind === 'line' ? readyLine(started) : answering(spec.ready.url, gone.signal);
		return { exited, ready };
	}

	async function supervise(tellReady: (info: Record<string, unknown>) => void, fail: (error: Error) => void) {
		for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
			const begun = performance.now();
			const { exited, ready } = launch();
			void ready.then((info) => {
				if (wasReady) say(`${spec.name} is up again.`);
				wasReady = true;
				tellReady(info);
			});
			const { code, why } = await exited;
			if (stopping.signal.aborted) return;
			if (!wasReady) return fail(notStarted(spec.name, why, log.lastWords(), log.path));
			if (code === DRAINED) return say(`${spec.name} is drained and has ended.`);
			if (performance.now() - begun > HEALTHY_MS) attempt = 0;
			say(`${spec.name} ended unexpectedly (${why}); starting it again. Log: ${log.path}`);
			await sleep(restartDelayMs(attempt), stopping.signal);
		}
	}

	let supervised: Promise<void> = Promise.resolve();
	const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
		const timer = setTimeout(() => {
			const seconds = (options.readyTimeoutMs ?? READY_TIMEOUT_MS) / 1000;
			reject(new GraftError('UNAVAILABLE', `${spec.name} is not up after ${seconds} s. Its log: ${log.path}`));
		}, options.readyTimeoutMs ?? READY_TIMEOUT_MS);
		const settle =
			<Value>(then: (value: Value) => void) =>
			(value: Value) => {
				clearTimeout(timer);
				then(value);
			};
		supervised = supervise(settle(resolve), settle(reject));
	});
	// Whoever needs it waits for it; a platform that is being taken down does not.
	ready.catch(() => undefined);

	return {
		name: spec.name,
		logPath: log.path,
		pid: () => child?.pid,
		ready,
		async stop() {
			if (stopping.signal.aborted) return supervised;
			stopping.abort();
			child?.kill('SIGTERM');
			const timer = setTimeout(() => child?.kill('SIGKILL'), spec.stopMs);
			await supervised;
			clearTimeout(timer);
			log.close();
		},
	};
}

/** Resolves with the first JSON line that says ready; never where the program ends without it. */
function readyLine(child: ChildProcess): Promise<Record<string, unknown>> {
	return new Promise((resolve) => {
		let text = '';
		child.stdout?.on('data', (chunk: Buffer) => {
			if (text.length > 65_536) return;
			text += chunk.toString('utf8');
			for (const line of text.split('\n').slice(0, -1)) {
				if (!line.startsWith('{"ready":true')) continue;
				text = ' '.repeat(65_537);
				resolve(JSON.parse(line) as Record<string, unknown>);
			}
		});
	});
}

async function answering(url: string, gone: AbortSignal): Promise<Record<string, unknown>> {
	for (;;) {
		if (gone.aborted) return new Promise(() => undefined);
		const answered = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
			(response) => response.status < 500,
			() => false,
		);
		if (answered) return { ready: true, url };
		await sleep(100, gone);
	}
}

function notStarted(name: string, why: string, lastWords: string, log: string): GraftError {
	const said = lastWords === '' ? `It said nothing (${why}).` : lastWords;
	return new GraftError('UNAVAILABLE', `${name} did not start.\n${said}\nIts log: ${log}`, { name });
}
