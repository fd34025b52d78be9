import { readFileSync, statfsSync } from 'node:fs';
import type { Part } from './parts.js';
import { connections, ESTABLISHED } from './sockets.js';
import type { Stage } from './stage.js';

/** What the storm waits for, by name. Each wait has an end, so that a standstill is told and not sat out. */
export interface Waits {
	/** Resolves or rejects as `work` does; rejects when it takes longer than `withinMs`. */
	until<T>(what: string, work: Promise<T>, withinMs?: number): Promise<T>;
	/** Each open wait with its age in seconds, oldest first. */
	open(): readonly { readonly what: string; readonly seconds: number }[];
}

/** The longest fault takes 18 s, and what follows of it (a lease, a start, a run's end) not much longer. */
const WITHIN_MS = 120_000;

export function createWaits(): Waits {
	const open = new Set<{ readonly what: string; readonly since: number }>();
	return {
		async until(what, work, withinMs = WITHIN_MS) {
			const wait = { what, since: performance.now() };
			open.add(wait);
			let timer: ReturnType<typeof setTimeout> | undefined;
			const late = new Promise<never>((_, reject) => {
				timer = setTimeout(() => reject(new Error(`Not within ${withinMs / 1e3} s: ${what}.`)), withinMs);
			});
			try {
				return await Promise.race([work, late]);
			} finally {
				clearTimeout(timer);
				open.delete(wait);
			}
		},
		open: () => [...open].map(({ what, since }) => ({ what, seconds: (performance.now() - since) / 1e3 })),
	};
}

const LOOK_MS = 5_000;
/** Longer than a lease, a retry and a run together. */
const STILL_SECONDS = 45;

/** Says what everybody waits for when the storm, or the training, stands still. Answers the end of the watch. */
export function watchProgress(stage: Stage, waits: Waits, log: (line: string) => void): () => void {
	let [finished, movedAt, toldAt] = [0, performance.now(), Number.NEGATIVE_INFINITY];
	const look = async () => {
		const now = performance.now();
		if (stage.record.finished.size !== finished) movedAt = now;
		finished = stage.record.finished.size;
		const stillSeconds = (now - movedAt) / 1e3;
		const late = waits.open().filter(({ seconds }) => seconds > STILL_SECONDS);
		if ((late.length === 0 && stillSeconds < STILL_SECONDS) || now - toldAt < STILL_SECONDS * 1e3) return;
		toldAt = now;
		log(`no run has finished for ${stillSeconds.toFixed(0)} s; this is what is waited for:`);
		for (const line of await describeStandstill(stage, waits)) log(`  ${line}`);
	};
	const timer = setInterval(() => void look().catch((error) => log(`the watch failed: ${error}`)), LOOK_MS);
	return () => clearInterval(timer);
}

/** The state of everything, as one would look it up by hand: waits, runs, leases, processes, APIs, sockets, the disk. */
export async function describeStandstill(stage: Stage, waits: Waits): Promise<string[]> {
	const { apis, trainers, database, smallDisk } = stage;
	const parts = [...trainers, ...apis, database];
	const told = await Promise.all([
		asked('runs', () => stage.sql<{ line: string }>(RUNS)),
		asked('leases', () => stage.sql<{ line: string }>(LEASES)),
		asked('sessions', () => stage.sql<{ line: string }>(SESSIONS)),
		...apis.map((api) => asked(api.name, async () => [{ line: await readiness(api) }])),
	]);
	return [
		...waits.open().map(({ what, seconds }) => `the storm waits for ${what}, for ${seconds.toFixed(1)} s`),
		...told.flat(),
		...parts.map((part) => `${part.name}, ${listensAt(part)}: ${statesOf(part)}; ${lastLine(part)}`),
		...unreadSockets(),
		...(smallDisk === null ? [] : [`artifacts: ${freeMegabytes(smallDisk)} MB free`]),
	];
}

const RUNS = `
	SELECT concat_ws(' ', count(*), status, CASE WHEN retry_at IS NOT NULL THEN 'to be retried' END) AS line
	FROM run GROUP BY status, retry_at IS NOT NULL ORDER BY 1`;
const LEASES = `
	SELECT concat_ws(' ', worker.name, 'holds run', run_id, 'attempt', number, 'for', now() - attempt.started_at,
		'until', lease_expires_at - now()) AS line
	FROM attempt JOIN worker ON worker.id = worker_id WHERE ended_at IS NULL`;
const SESSIONS = `
	SELECT concat_ws(' ', application_name, state, wait_event_type, wait_event, 'for', now() - state_change, left(query, 80)) AS line
	FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`;
const ANSWER_MS = 5_000;

async function asked(what: string, ask: () => Promise<{ line: string }[]>): Promise<string[]> {
	const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer')), ANSWER_MS).unref());
	return Promise.race([ask(), late]).then(
		(rows) => rows.map(({ line }) => `${what}: ${line}`),
		(error) => [`${what}: ${error}`],
	);
}

async function readiness(api: Part): Promise<string> {
	const answer = await fetch(`${api.url()}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
	return `/readyz says ${answer.status} ${(await answer.text()).trim().slice(0, 200)}`;
}

const listensAt = (part: Part): string =>
	part.name.startsWith('trainer') ? 'no port' : `port ${new URL(part.url()).port}`;

/** R, S, D, T (stopped) or Z, as /proc has them. */
function statesOf(part: Part): string {
	const state = (pid: number) => {
		try {
			const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
			return `${pid} ${text.slice(text.lastIndexOf(')') + 2)[0]}`;
		} catch {
			return `${pid} gone`;
		}
	};
	try {
		return part.pids().map(state).join(', ') || 'no process';
	} catch (error) {
		return String(error);
	}
}

function lastLine({ log }: Part): string {
	try {
		return (log().trimEnd().split('\n').at(-1) ?? '').slice(0, 300);
	} catch (error) {
		return String(error);
	}
}

/** Where somebody does not listen. */
const unreadSockets = (): string[] =>
	connections()
		.filter(({ state, unread, untaken }) => state === ESTABLISHED && unread + untaken > 0)
		.map(
			({ localPort, remotePort, unread, untaken }) =>
				`socket ${localPort} -> ${remotePort}: ${unread} bytes unread, ${untaken} not taken`,
		);

function freeMegabytes(folder: string): number {
	const { bavail, bsize } = statfsSync(folder);
	return Math.round((bavail * bsize) / 2 ** 20);
}
