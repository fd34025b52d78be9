import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient } from '@graft/client/node';
import { startDurableServer } from '@graft/testing/server';
import { ExperimentOfRunDocument } from '../../gql/graphql.js';
import { startApi } from '../../support/api-process.js';
import { chromiumPath } from '../../support/browser.js';
import { cpuSeconds } from '../../support/cpu.js';
import { prepareDashboard } from '../../support/dashboard-process.js';
import { residentMegabytes } from '../../support/memory.js';
import { atMost, type Benchmark, type Figure, reported } from '../figure.js';
import { startChild } from './child.js';
import { measurePage, type PageStats } from './page.js';
import { openLine } from './proxy.js';
import type { ReadersStats } from './readers.js';
import type { WriterStats } from './writer.js';

const RUNS = 50;
const PER_SECOND = 10;
const MANY = 100;
const CROWD = 1_000;
const MEASURE_SECONDS = 20;
const STALL_SECONDS = 60;
const CUT_SECONDS = 30;
const SETTLE_SECONDS = 4;
/** Clients try again more and more seldom. */
const HEAL_SECONDS = 10;

/** Scripts, API, PostgreSQL, dashboard, browser and subscribers, each a process of its own on this machine. */
export const live: Benchmark = {
	name: 'live',
	about: '50 runs of 10 points/s, from the log call to 100 and 1,000 subscribers and to a browser',
	async run(log) {
		const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-live-'));
		const server = await startDurableServer(path.join(dataDir, 'postgres'));
		const dashboard = await prepareDashboard();
		const env = { GRAFT_DASHBOARD_ORIGINS: dashboard.url, GRAFT_LOG_LEVEL: 'error' };
		const api = await startApi({ databaseUrl: server.url, dataDir, env });
		const spoolDir = path.join(dataDir, 'spool');
		const writer = startChild('writer', {
			...{ url: api.url, experiment: 'live', spoolDir },
			...{ runs: RUNS, perSecond: PER_SECOND },
		});
		const children = [writer];
		const figures: Figure[] = [];
		const tell = (...more: Figure[]) => {
			for (const figure of more) log(`${figure.name}: ${figure.value?.toFixed(1)} ${figure.unit}`);
			figures.push(...more);
		};
		try {
			const runIds = await writer.heard<string[]>();
			const follow = async (url: string, readers: readonly (readonly string[])[]) => {
				const child = startChild('readers', { url, readers });
				children.push(child);
				await child.heard();
				return child;
			};
			const everybody = await follow(api.url, Array(MANY).fill(runIds));
			await pause(5);
			await Promise.all([everybody.ask('mark'), writer.ask('mark')]);
			const cpuBefore = cpuSeconds(api.pid);
			await pause(MEASURE_SECONDS);
			const calm = await everybody.ask<ReadersStats>('mark');
			const calls = await writer.ask<WriterStats>('mark');
			tell(
				atMost('log call, median', calls.medianUs, 'us', 20),
				atMost('log call, p99', calls.p99Us, 'us', 1_000),
				reported(`log call to ${MANY} sockets, p50`, calm.p50, 'ms'),
				atMost(`log call to ${MANY} sockets, p99`, calm.p99, 'ms', 50),
				reported('points delivered a second', calm.points / MEASURE_SECONDS, '1/s'),
				reported('load of the machine (processes that want a core)', os.loadavg()[0] ?? Number.NaN, ''),
				reported('cores of the machine', os.availableParallelism(), ''),
				reported('processor of the API', (cpuSeconds(api.pid) - cpuBefore) / MEASURE_SECONDS, 'cores'),
			);

			// The same readers right before, during and right after, so that the machine is the same.
			const line = await openLine(api.url);
			const stalled = await follow(line.url, [runIds]);
			await pause(SETTLE_SECONDS);
			await everybody.ask('mark');
			await pause(MEASURE_SECONDS);
			const before = await everybody.ask<ReadersStats>('mark');
			const memoryBefore = residentMegabytes(api.pid);
			line.stall();
			await pause(STALL_SECONDS);
			const beside = await everybody.ask<ReadersStats>('mark');
			const memory = residentMegabytes(api.pid) - memoryBefore;
			line.flow();
			await pause(SETTLE_SECONDS);
			const late = await stalled.ask<ReadersStats>('mark');
			await everybody.ask('mark');
			await pause(MEASURE_SECONDS);
			const after = await everybody.ask<ReadersStats>('mark');
			const all = (seconds: number) => RUNS * PER_SECOND * seconds;
			const lost = ({ missing, points }: ReadersStats, seconds: number) => missing + Math.max(0, all(seconds) - points);
			const usual = Math.max(before.p99, after.p99);
			tell(
				reported('p99 of the others before a reader stalls', before.p99, 'ms'),
				reported('while it is stalled, for a minute', beside.p99, 'ms'),
				reported('after it', after.p99, 'ms'),
				atMost('p99 while it is stalled, over that before and after', beside.p99 / usual, 'x', 1.1),
				reported('memory of the API grew by', memory, 'MB'),
				atMost('points that the stalled reader lost', lost(late, MEASURE_SECONDS + STALL_SECONDS), 'points', 0),
				atMost('points that it got twice', late.repeated, 'points', 0),
			);
			stalled.kill();
			await line.close();

			const cutLine = await openLine(api.url);
			const cut = await follow(cutLine.url, [runIds]);
			cutLine.cut();
			await pause(CUT_SECONDS);
			cutLine.mend();
			await pause(HEAL_SECONDS);
			const healed = await cut.ask<ReadersStats>('mark');
			tell(
				atMost('points lost over a cut of 30 s', lost(healed, CUT_SECONDS), 'points', 0),
				atMost('points doubled over a cut of 30 s', healed.repeated, 'points', 0),
			);
			cut.kill();
			await cutLine.close();

			const client = createGraftClient({ url: api.url });
			const { run } = await client.request(ExperimentOfRunDocument, { id: runIds[0] ?? '' });
			await client.close();
			const page = `${dashboard.url}/experiments/${run?.experiment.id}`;
			if (chromiumPath === null) log('No Chromium in GRAFT_CHROMIUM: the browser is left out.');
			else {
				await dashboard.start(api.url);
				const besides = await measurePage(page, MEASURE_SECONDS);
				tell(...drawn(`beside ${MANY} subscribers`, besides));
			}
			everybody.kill();
			if (chromiumPath !== null) {
				const alone = await measurePage(page, MEASURE_SECONDS);
				tell(reported('points on the page', alone.points / MEASURE_SECONDS, '1/s'), ...drawn('nobody else', alone));
			}

			const crowd = await follow(
				api.url,
				Array.from({ length: CROWD }, (_, index) => [runIds[index % RUNS] ?? '']),
			);
			await pause(5);
			await crowd.ask('mark');
			await pause(MEASURE_SECONDS);
			const many = await crowd.ask<ReadersStats>('mark');
			tell(
				reported(`log call to ${CROWD} sockets, p50`, many.p50, 'ms'),
				atMost(`log call to ${CROWD} sockets, p99`, many.p99, 'ms', 150),
				reported('frames delivered a second', many.frames / MEASURE_SECONDS, '1/s'),
				atMost(
					'points lost or doubled in all',
					after.missing + after.repeated + many.missing + many.repeated,
					'points',
					0,
				),
			);
			await writer.ask('stop');
			return figures;
		} finally {
			for (const child of children) child.kill();
			dashboard.stop();
			await api.stop();
			await server.stop();
			rmSync(dataDir, { recursive: true, force: true });
		}
	},
};

const drawn = (who: string, { arrivedP95, drawnP95 }: PageStats): readonly Figure[] => [
	reported(`log call to the page’s socket, ${who}, p95`, arrivedP95, 'ms'),
	atMost(`log call to the browser, drawn, ${who}, p95`, drawnP95, 'ms', 200),
];

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
