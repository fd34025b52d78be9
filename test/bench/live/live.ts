import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient } from '@graft/client/node';
import { startDurableServer } from '@graft/testing/server';
import { ExperimentOfRunDocument } from '../../gql/graphql.js';
import { startApi } from '../../support/api-process.js';
import { chromiumPath } from '../../support/browser.js';
import { cpuSeconds } from '../../support/cpu.js';
import { residentMegabytes } from '../../support/memory.js';
import { atMost, type Benchmark, type Figure, reported } from '../figure.js';
import { startChild } from './child.js';
import { measurePage, prepareDashboard } from './page.js';
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

			const line = await openLine(api.url);
			const cutLine = await openLine(api.url);
			const stalled = await follow(line.url, [runIds]);
			const cut = await follow(cutLine.url, [runIds]);
			const memoryBefore = residentMegabytes(api.pid);
			line.stall();
			cutLine.cut();
			await pause(CUT_SECONDS);
			cutLine.mend();
			await pause(STALL_SECONDS - CUT_SECONDS);
			const beside = await everybody.ask<ReadersStats>('mark');
			const memory = residentMegabytes(api.pid) - memoryBefore;
			line.flow();
			await pause(10);
			const [late, healed] = await Promise.all([stalled.ask<ReadersStats>('mark'), cut.ask<ReadersStats>('mark')]);
			const all = RUNS * PER_SECOND * (STALL_SECONDS + 8);
			const lost = ({ missing, points }: ReadersStats) => missing + Math.max(0, all - points);
			tell(
				atMost(
					'p99 of the others beside a reader stalled for a minute',
					beside.p99,
					'ms',
					Math.max(50, 1.2 * calm.p99),
				),
				reported('memory of the API grew by', memory, 'MB'),
				atMost('points that the stalled reader lost', lost(late), 'points', 0),
				atMost('points that it got twice', late.repeated, 'points', 0),
				atMost('points lost over a cut of 30 s', lost(healed), 'points', 0),
				atMost('points doubled over a cut of 30 s', healed.repeated, 'points', 0),
			);
			for (const child of [stalled, cut]) child.kill();
			await Promise.all([line.close(), cutLine.close()]);

			if (chromiumPath === null) log('No Chromium in GRAFT_CHROMIUM: the browser is left out.');
			else {
				await dashboard.start(api.url);
				const client = createGraftClient({ url: api.url });
				const { run } = await client.request(ExperimentOfRunDocument, { id: runIds[0] ?? '' });
				await client.close();
				const page = await measurePage(`${dashboard.url}/experiments/${run?.experiment.id}`, MEASURE_SECONDS);
				tell(
					reported('points on the page', page.points / MEASURE_SECONDS, '1/s'),
					reported('log call to the page’s socket, p95', page.arrivedP95, 'ms'),
					atMost('log call to the browser, drawn, p95', page.drawnP95, 'ms', 200),
				);
			}
			everybody.kill();

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
				atMost('points lost or doubled in all', calm.missing + many.missing + many.repeated, 'points', 0),
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

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
