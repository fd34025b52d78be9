import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from './parts.js';
import { between, oneOf } from './random.js';
import type { Stage } from './stage.js';

/** One way to break the platform; resolves when what it broke is whole again. */
export interface Fault {
	readonly kind: string;
	readonly needsSmallDisk?: boolean;
	strike(stage: Stage, random: () => number): Promise<void>;
}

/** Comes back after a while, as with a supervisor. */
export async function killed(part: Part, afterMs: number): Promise<void> {
	part.kill('SIGKILL');
	await sleep(afterMs);
	await part.restart();
}

async function stopped(part: Part, ms: number): Promise<void> {
	part.kill('SIGSTOP');
	await sleep(ms);
	part.kill('SIGCONT');
}

/** Faults that may strike while others heal. The first word is the part that breaks. */
export const FAULTS: readonly Fault[] = [
	{
		kind: 'trainer SIGKILL',
		strike: ({ trainers }, random) => killed(oneOf(random, trainers), between(random, 100, 2e3)),
	},
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
	// Half-open: nobody is told, and each end has to find out by its own deadlines and pings.
	{ kind: 'connections silent, trainers to api', strike: ({ apiProxy }) => apiProxy.silence() },
	{ kind: 'connections slow, trainers to api', strike: (stage, random) => slow(stage.apiProxy, random, 800) },
	{ kind: 'connections slow, api to postgres', strike: (stage, random) => slow(stage.databaseProxy, random, 150) },
	{ kind: 'trainer clock jump', strike: async ({ trainers }, random) => oneOf(random, trainers).kill('SIGUSR2') },
	{
		kind: 'full disk under artifacts',
		needsSmallDisk: true,
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
