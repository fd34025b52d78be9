import os from 'node:os';
import { createGraftClient } from '@graft/client/node';
import { ExperimentOfRunDocument } from '../../gql/graphql.js';
import { chromiumPath } from '../../support/browser.js';
import { residentMegabytes } from '../../support/memory.js';
import { atMost, type Figure, notMeasured, quantile, reported } from '../figure.js';
import type { Child } from './child.js';
import { measurePage, type PageStats } from './page.js';
import { pause } from './pause.js';
import { type LivePlatform, POINTS_PER_SECOND, SUBSCRIBERS } from './platform.js';
import { openLine } from './proxy.js';
import type { ReadersStats } from './readers.js';
import type { WriterStats } from './writer.js';

const CROWD = 1_000;
const MEASURE_SECONDS = 20;
const STALL_SECONDS = 60;
const STALLS = 2;
/** One slow moment of the machine makes the p99 of a whole minute; whoever costs others something does so in most of these. */
const WINDOW_SECONDS = 5;
const CUT_SECONDS = 30;
const SETTLE_SECONDS = 4;
/** 1,000 replays of all that was logged leave garbage and a backlog behind, which are no steady state either. */
const CROWD_SETTLE_SECONDS = 15;
/** Clients try again more and more seldom. */
const HEAL_SECONDS = 10;

/** In the order in which they run: the load of one part is what the next one finds. */
export const PARTS = { sockets, stall, cut, page, crowd } as const satisfies Record<string, Part>;
export type PartName = keyof typeof PARTS;
type Part = (platform: LivePlatform) => Promise<readonly Figure[]>;

/** From a log call to 100 subscribers that follow all runs. */
async function sockets(platform: LivePlatform): Promise<readonly Figure[]> {
	const hundred = await platform.hundred();
	await platform.writer.ask('mark');
	const { seen, use } = await measured(platform, hundred);
	const calls = await platform.writer.ask<WriterStats>('mark');
	return [
		atMost('log call, median', calls.medianUs, 'us', 20),
		atMost('log call, p99', calls.p99Us, 'us', 1_000),
		reported('log call to 100 sockets, p50', seen.p50, 'ms'),
		atMost('log call to 100 sockets, p99', seen.p99, 'ms', 50),
		reported('points delivered a second', seen.points / MEASURE_SECONDS, '1/s'),
		...use,
		reported('cores of the machine', os.availableParallelism(), ''),
		...harm(seen),
	];
}

/**
 * The same readers in minutes in which a reader stalls and in those before, between and after them, five seconds at a time: the p99 of
 * such a window is 25 to 90 ms whether somebody stalls or not, so that it takes many of them, by turns, to tell.
 */
async function stall(platform: LivePlatform): Promise<readonly Figure[]> {
	const { api, runIds } = platform;
	const hundred = await platform.hundred();
	const line = await openLine(api.url);
	const stalled = await platform.follow(line.url, [runIds]);
	await pause(SETTLE_SECONDS);
	await Promise.all([stalled.ask('mark'), hundred.ask('mark')]);
	const between: ReadersStats[] = [];
	const calm = [...(await windows(hundred, STALL_SECONDS))];
	const beside: ReadersStats[] = [];
	let memory = 0;
	for (let time = 0; time < STALLS; time++) {
		const memoryBefore = residentMegabytes(api.pid);
		line.stall();
		beside.push(...(await windows(hundred, STALL_SECONDS)));
		memory = Math.max(memory, residentMegabytes(api.pid) - memoryBefore);
		line.flow();
		await pause(SETTLE_SECONDS);
		between.push(await hundred.ask('mark'));
		calm.push(...(await windows(hundred, STALL_SECONDS)));
	}
	const late = await stalled.ask<ReadersStats>('mark');
	// The others have had every point, but for those of the moment in which they were asked.
	const points = [...calm, ...beside, ...between].reduce((sum, seen) => sum + seen.points, 0) / SUBSCRIBERS;
	const behind = Math.max(0, points - POINTS_PER_SECOND - late.points);
	stalled.kill();
	await line.close();
	return [
		reported(`p99 of the others in 5 s while nobody stalls, the median of ${calm.length}`, middleP99(calm), 'ms'),
		reported(`while a reader is stalled for a minute, the median of ${beside.length}`, middleP99(beside), 'ms'),
		reported('the slowest of those', Math.max(...beside.map(({ p99 }) => p99)), 'ms'),
		reported('the slowest while nobody stalls', Math.max(...calm.map(({ p99 }) => p99)), 'ms'),
		atMost('p99 while a reader is stalled, over that while nobody is', middleP99(beside) / middleP99(calm), 'x', 1.1),
		reported('memory of the API grew in such a minute by', memory, 'MB'),
		atMost('points that the stalled reader lost', late.missing + behind, 'points', 0),
		atMost('points that it got twice', late.repeated, 'points', 0),
		...harm(await hundred.ask<ReadersStats>('mark')),
	];
}

async function cut({ api, runIds, follow }: LivePlatform): Promise<readonly Figure[]> {
	const line = await openLine(api.url);
	const reader = await follow(line.url, [runIds]);
	line.cut();
	await pause(CUT_SECONDS);
	line.mend();
	await pause(HEAL_SECONDS);
	const healed = await reader.ask<ReadersStats>('mark');
	reader.kill();
	await line.close();
	return [
		atMost('points lost over a cut of 30 s', lost(healed, CUT_SECONDS), 'points', 0),
		atMost('points doubled over a cut of 30 s', healed.repeated, 'points', 0),
	];
}

/** The experiment's page in a browser, beside the 100 and with the machine for itself. */
async function page(platform: LivePlatform): Promise<readonly Figure[]> {
	const { api, dashboard, runIds } = platform;
	const drawnGoal = 'log call to the browser, drawn, p95';
	if (chromiumPath === null) return [notMeasured(drawnGoal, 'ms', '<= 200', 'GRAFT_CHROMIUM names no Chromium')];
	const client = createGraftClient({ url: api.url });
	const { run } = await client.request(ExperimentOfRunDocument, { id: runIds[0] ?? '' });
	await client.close();
	await platform.hundred();
	await dashboard.start(api.url);
	const url = `${dashboard.url}/experiments/${run?.experiment.id}`;
	const besides = await measurePage(url, MEASURE_SECONDS);
	platform.dismissHundred();
	const alone = await measurePage(url, MEASURE_SECONDS);
	dashboard.stop();
	return [
		...drawn('beside 100 subscribers', besides),
		reported('points on the page', alone.points / MEASURE_SECONDS, '1/s'),
		...drawn('nobody else', alone),
	];
}

/** As many subscribers of one run each as one process is to serve. */
async function crowd(platform: LivePlatform): Promise<readonly Figure[]> {
	const { api, runIds } = platform;
	platform.dismissHundred();
	const readers = Array.from({ length: CROWD }, (_, index) => [runIds[index % runIds.length] ?? '']);
	const many = await platform.follow(api.url, readers);
	await pause(CROWD_SETTLE_SECONDS);
	const { seen, use } = await measured(platform, many);
	many.kill();
	return [
		reported('log call to 1000 sockets, p50', seen.p50, 'ms'),
		atMost('log call to 1000 sockets, p99', seen.p99, 'ms', 150),
		reported('frames delivered a second', seen.frames / MEASURE_SECONDS, '1/s'),
		...use.map((figure) => ({ ...figure, name: `1000 sockets: ${figure.name}` })),
		...harm(seen),
	];
}

/** What the readers see for so long, and what the processes take meanwhile. */
async function measured(platform: LivePlatform, readers: Child) {
	await readers.ask('mark');
	const coresOf = platform.watchCores(readers);
	await pause(MEASURE_SECONDS);
	const seen = await readers.ask<ReadersStats>('mark');
	const cores = coresOf();
	const use = [
		reported('processor of the API', cores.api, 'cores'),
		reported('processor of PostgreSQL', cores.database, 'cores'),
		reported('processor of the scripts', cores.scripts, 'cores'),
		reported('processor of the subscribers', cores.subscribers, 'cores'),
		reported('how late the subscribers’ own process is, p99', seen.ownDelayP99, 'ms'),
		reported('load of the machine (processes that want a core)', os.loadavg()[0] ?? Number.NaN, ''),
	];
	return { seen, use };
}

/** What the readers see in each of the windows that follow on each other. */
async function windows(readers: Child, seconds: number): Promise<readonly ReadersStats[]> {
	const seen: ReadersStats[] = [];
	while (seen.length * WINDOW_SECONDS < seconds) {
		await pause(WINDOW_SECONDS);
		seen.push(await readers.ask<ReadersStats>('mark'));
	}
	return seen;
}

const middleP99 = (seen: readonly ReadersStats[]) =>
	quantile(
		seen.map(({ p99 }) => p99),
		0.5,
	);

const lost = ({ missing, points }: ReadersStats, seconds: number) =>
	missing + Math.max(0, POINTS_PER_SECOND * seconds - points);

const harm = ({ missing, repeated }: ReadersStats): readonly Figure[] => [
	atMost('points lost or doubled in all', missing + repeated, 'points', 0),
];

const drawn = (who: string, { arrivedP95, drawnP95 }: PageStats): readonly Figure[] => [
	reported(`log call to the page’s socket, ${who}, p95`, arrivedP95, 'ms'),
	atMost(`log call to the browser, drawn, ${who}, p95`, drawnP95, 'ms', 200),
];
