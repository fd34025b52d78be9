import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { between, oneOf } from './random.js';
import type { Part, Stage } from './stage.js';

/** One way to break the platform; resolves when what it broke is whole again. */
export interface Fault {
	readonly kind: string;
	strike(stage: Stage, random: () => number): Promise<void>;
}

/** A run that lost its trainer, and how long it took to be noticed and to be trained again. */
export interface Recovery {
	readonly detectSeconds: number;
	/** Null: it had lost trainers before, and waited by design. */
	readonly againSeconds: number | null;
}

async function killed(part: Part, afterMs: number): Promise<void> {
	part.kill('SIGKILL');
	await sleep(afterMs);
	await part.restart();
}

async function stopped(part: Part, ms: number): Promise<void> {
	part.kill('SIGSTOP');
	await sleep(ms);
	part.kill('SIGCONT');
}

/** Faults that may strike while others heal. How often each is chosen is its place in this list. */
export const FAULTS: readonly Fault[] = [
	{
		kind: 'trainer SIGSTOP, short',
		strike: ({ trainers }, random) => stopped(oneOf(random, trainers), between(random, 1e3, 6e3)),
	},
	// Longer than a lease: it wakes up as a zombie, and what it still writes has to be refused.
	{
		kind: 'trainer SIGSTOP, long',
		strike: ({ trainers }, random) => stopped(oneOf(random, trainers), between(random, 14e3, 18e3)),
	},
	{ kind: 'api SIGKILL', strike: ({ apis }, random) => killed(oneOf(random, apis), between(random, 100, 2e3)) },
	{ kind: 'api SIGSTOP', strike: ({ apis }, random) => stopped(oneOf(random, apis), between(random, 500, 5e3)) },
	{ kind: 'postgres SIGKILL', strike: ({ database }, random) => killed(database, between(random, 0, 1e3)) },
	{ kind: 'postgres SIGSTOP', strike: ({ database }, random) => stopped(database, between(random, 500, 4e3)) },
	{ kind: 'connections cut, trainers to api', strike: async ({ apiProxy }) => void apiProxy.cut() },
	{ kind: 'connections cut, api to postgres', strike: async ({ databaseProxy }) => void databaseProxy.cut() },
	{ kind: 'connections slow, trainers to api', strike: (stage, random) => slow(stage.apiProxy, random, 800) },
	{ kind: 'connections slow, api to postgres', strike: (stage, random) => slow(stage.databaseProxy, random, 150) },
	{ kind: 'clock jump on a trainer', strike: async ({ trainers }, random) => oneOf(random, trainers).kill('SIGUSR2') },
	{
		kind: 'full disk under artifacts',
		strike: ({ smallDisk }, random) => fullDisk(smallDisk, between(random, 1e3, 4e3)),
	},
];

async function slow(proxy: { delayMs: number }, random: () => number, most: number): Promise<void> {
	proxy.delayMs = between(random, most / 10, most);
	await sleep(between(random, 1e3, 4e3));
	proxy.delayMs = 0;
}

async function fullDisk(folder: string | null, ms: number): Promise<void> {
	if (folder === null) return;
	const filler = path.join(folder, 'filler');
	try {
		for (let megabytes = 0; megabytes < 1024; megabytes += 1) {
			writeFileSync(filler, Buffer.alloc(2 ** 20), { flag: 'a' });
		}
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
	}
	await sleep(ms);
	rmSync(filler, { force: true });
}

/** A run shorter than that would be over before the signal arrives. */
const HELD = `
	SELECT worker.name, attempt.run_id AS "runId", attempt.number FROM attempt JOIN worker ON worker.id = attempt.worker_id
		JOIN run ON run.id = attempt.run_id
	WHERE attempt.ended_at IS NULL AND attempt.started_at < now() - interval '300 ms' AND run.seed = ANY($1::int[])
	ORDER BY worker.name`;
const HELD_WITHIN_MS = 20_000;
const AFTER = `
	SELECT ended_at AS "endedAt", (SELECT started_at FROM attempt AS next WHERE next.run_id = attempt.run_id AND number = $2 + 1)
		AS "againAt" FROM attempt WHERE run_id = $1 AND number = $2`;

/** Kills a trainer that trains one of the long runs, while nothing else is broken, and times what follows by the database's clock. */
export async function killTrainer(
	stage: Stage,
	random: () => number,
	longSeeds: readonly number[],
): Promise<Recovery | null> {
	const deadline = Date.now() + HELD_WITHIN_MS;
	let all = await stage.sql<{ name: string; runId: string; number: number }>(HELD, [longSeeds]);
	while (all.length === 0 && Date.now() < deadline) {
		await sleep(50);
		all = await stage.sql(HELD, [longSeeds]);
	}
	if (all.length === 0) return null;
	const held = oneOf(random, all);
	const trainer = stage.trainers.find(({ name }) => name === held.name);
	if (trainer === undefined) return null;
	const killedAt = Date.now();
	await killed(trainer, 500);
	for (;;) {
		const [seen] = await stage.sql<{ endedAt: Date | null; againAt: Date | null }>(AFTER, [held.runId, held.number]);
		const [endedAt, againAt] = [seen?.endedAt?.getTime() ?? 0, seen?.againAt?.getTime() ?? 0];
		// It had just finished by itself.
		if (endedAt > 0 && endedAt < killedAt + 300) return null;
		const detectSeconds = (endedAt - killedAt) / 1e3;
		if (againAt > 0) return { detectSeconds, againSeconds: (againAt - killedAt) / 1e3 };
		const text = 'SELECT status, retry_at IS NOT NULL AS "isWaiting" FROM run WHERE id = $1';
		const [run] = await stage.sql<{ status: string; isWaiting: boolean }>(text, [held.runId]);
		if (run?.isWaiting) return { detectSeconds, againSeconds: null };
		if (run?.status === 'FAILED') return null;
		await sleep(100);
	}
}
