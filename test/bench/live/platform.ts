import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startDurableServer } from '@graft/testing/server';
import { type ApiProcess, startApi } from '../../support/api-process.js';
import { cpuSeconds } from '../../support/cpu.js';
import { type DashboardProcess, prepareDashboard } from '../../support/dashboard-process.js';
import { type Child, startChild } from './child.js';
import { pause } from './pause.js';

const RUNS = 50;
const PER_SECOND = 10;
export const SUBSCRIBERS = 100;
const SETTLE_SECONDS = 5;

/** Points that all scripts log in a second. */
export const POINTS_PER_SECOND = RUNS * PER_SECOND;

/** Training scripts, API, PostgreSQL and dashboard, each a process of its own on this machine. */
export interface LivePlatform {
	readonly api: ApiProcess;
	readonly dashboard: DashboardProcess;
	readonly writer: Child;
	readonly runIds: readonly string[];
	/** A process with as many subscribers, each of its runs, once all of them have had their first frame. */
	follow(url: string, readers: readonly (readonly string[])[]): Promise<Child>;
	/** The 100 that each part but the crowd has beside it; started where nobody has asked for them before. */
	hundred(): Promise<Child>;
	dismissHundred(): void;
	/** From now on; answers what each process took, in cores. */
	watchCores(readers: Child): () => Cores;
	stop(): Promise<void>;
}

export interface Cores {
	readonly api: number;
	readonly database: number;
	readonly scripts: number;
	readonly subscribers: number;
}

/** 50 scripts that log ten times a second. */
export async function startPlatform(): Promise<LivePlatform> {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-live-'));
	const postgres = path.join(dataDir, 'postgres');
	const server = await startDurableServer(postgres);
	const dashboard = await prepareDashboard();
	const env = { GRAFT_DASHBOARD_ORIGINS: dashboard.url, GRAFT_LOG_LEVEL: 'error' };
	const api = await startApi({ databaseUrl: server.url, dataDir, env });
	const writer = startChild('writer', {
		...{ url: api.url, experiment: 'live', spoolDir: path.join(dataDir, 'spool') },
		...{ runs: RUNS, perSecond: PER_SECOND },
	});
	const children = [writer];
	const postmaster = Number(readFileSync(path.join(postgres, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
	const stop = async () => {
		for (const child of children) child.kill();
		dashboard.stop();
		await api.stop();
		await server.stop();
		rmSync(dataDir, { recursive: true, force: true });
	};
	const runIds = await writer.heard<string[]>().catch(async (error: unknown) => {
		await stop();
		throw error;
	});

	async function follow(url: string, readers: readonly (readonly string[])[]): Promise<Child> {
		const child = startChild('readers', { url, readers });
		children.push(child);
		await child.heard();
		return child;
	}
	let hundred: Promise<Child> | null = null;

	return {
		...{ api, dashboard, writer, runIds, follow, stop },
		hundred() {
			hundred ??= follow(api.url, Array(SUBSCRIBERS).fill(runIds)).then(settled);
			return hundred;
		},
		dismissHundred() {
			void hundred?.then((child) => child.kill());
			hundred = null;
		},
		watchCores(readers) {
			const used = () => [api.pid, postmaster, writer.pid, readers.pid].map(cpuSeconds);
			const before = used();
			const since = performance.now();
			return () => {
				const seconds = (performance.now() - since) / 1_000;
				const [api = 0, database = 0, scripts = 0, subscribers = 0] = used().map(
					(after, index) => (after - (before[index] ?? 0)) / seconds,
				);
				return { api, database, scripts, subscribers };
			};
		},
	};
}

/** What processes do while they start is no steady state. */
async function settled(child: Child): Promise<Child> {
	await pause(SETTLE_SECONDS);
	return child;
}
