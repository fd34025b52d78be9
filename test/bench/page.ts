import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startDurableServer } from '@graft/testing/server';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.js';
import { prepareDashboard } from '../support/dashboard-process.js';
import { type BenchApi, startApi } from './api.js';
import { atMost, type Benchmark, type Figure, quantile } from './figure.js';
import { untilCompacted } from './ingest.js';
import { batchBody, createExperiment, createRun, finishRun, LOG_METRICS, sendAll } from './runs-to-log.js';

const KEYS = 12_345;
const VISITS = 5;

interface Shape {
	readonly name: string;
	readonly path: string;
	/** True in the page as soon as somebody can work with it. */
	readonly ready: string;
}

interface Visit {
	/** From the start of the navigation. */
	readonly ms: number;
	/** The longest task, 0 where none took 50 ms. */
	readonly longest: number;
}

/** The shapes at which other trackers' pages froze: many charts, thousands of metrics, many runs. */
export const page: Benchmark = {
	name: 'page',
	about: 'opening 10 charts of 10 runs x 10,000 steps, a run of 12,345 metrics, and 50 runs, in headless Chromium',
	async run(log) {
		const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-page-'));
		const server = await startDurableServer(dataDir);
		const dashboard = await prepareDashboard();
		const api = await startApi(server.url, dataDir, { GRAFT_DASHBOARD_ORIGINS: dashboard.url });
		const browser = await openBrowser();
		try {
			const shapes = await fill(api);
			await untilCompacted(server);
			log('loaded');
			await dashboard.start(api.url);
			const figures: Figure[] = [];
			for (const shape of shapes) {
				const visits: Visit[] = [];
				for (let visit = 0; visit < VISITS; visit++) visits.push(await open(browser, dashboard.url, shape));
				log(`${shape.name}: ${visits.map(({ ms, longest }) => `${ms.toFixed(0)}/${longest.toFixed(0)}`).join(' ')} ms`);
				const worst = (of: 'ms' | 'longest') =>
					quantile(
						visits.map((visit) => visit[of]),
						0.95,
					);
				figures.push(atMost(`${shape.name}: to interactive, p95`, worst('ms'), 'ms', 2_000));
				figures.push(atMost(`${shape.name}: longest task, p95`, worst('longest'), 'ms', 200));
			}
			return figures;
		} finally {
			await browser.close();
			dashboard.stop();
			await api.stop();
			await server.stop();
			rmSync(dataDir, { recursive: true, force: true });
		}
	},
};

async function fill(api: BenchApi): Promise<readonly Shape[]> {
	const ten = await createExperiment(api, 'ten charts');
	await load(api, ten, 10, 10_000);
	const keys = await createExperiment(api, 'many metrics');
	const run = await createRun(api, keys);
	for (let from = 0; from < KEYS; from += 5_000) {
		run.sequence += 1;
		const series = Array.from({ length: Math.min(5_000, KEYS - from) }, (_, at) => ({
			...{ key: `layer_${String(from + at).padStart(5, '0')}/gradient_norm`, steps: [1, 2, 3], values: [3, 2, 1] },
		}));
		const lease = { runId: run.runId, token: run.token };
		await api.ask(LOG_METRICS, { input: { lease, sequence: run.sequence, series } });
	}
	await finishRun(api, run);
	const fifty = await createExperiment(api, 'fifty runs');
	await load(api, fifty, 50, 1_000);
	const charts = (count: number) =>
		`[...document.querySelectorAll('[data-testid=chart]')].filter((chart) => Number(chart.dataset.points) > 0).length >= ${count}`;
	const rows = (count: number) => `document.querySelectorAll('tbody tr').length >= ${count}`;
	return [
		{ name: '10 charts x 10 runs x 10,000 steps', path: `/experiments/${ten}?charts=all`, ready: charts(10) },
		{ name: 'a run of 12,345 metrics', path: `/runs/${run.runId}`, ready: charts(12) },
		{ name: 'an experiment of 12,345 metrics', path: `/experiments/${keys}?charts=all`, ready: charts(12) },
		{ name: '50 runs, their table', path: '/runs', ready: rows(20) },
		{ name: '50 runs, their curves', path: `/experiments/${fifty}`, ready: charts(1) },
	];
}

async function load(api: BenchApi, experimentId: string, runs: number, steps: number): Promise<void> {
	for (let at = 0; at < runs; at++) {
		const run = await createRun(api, experimentId, { lr: 1 / (1 + at) });
		for (let step = 0; step < steps; step += 1_000)
			await sendAll(api, [[batchBody(run, { series: 10, points: 1_000 }, 'base64')]]);
		await finishRun(api, run);
	}
}

/**
 * A visit with an empty cache: until what was asked for is drawn and the page has rested for two frames; and the longest task
 * until a second after that.
 */
async function open(browser: Browser, url: string, shape: Shape): Promise<Visit> {
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	try {
		const opened = await context.newPage();
		await opened.addInitScript(watchTasks);
		await opened.goto(url + shape.path, { waitUntil: 'commit' });
		await opened.waitForFunction(shape.ready, null, { polling: 'raf', timeout: 60_000 });
		const ms = await opened.evaluate(
			() =>
				new Promise<number>((resolve) =>
					requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))),
				),
		);
		await opened.waitForTimeout(1_000);
		const tasks = await opened.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
		return { ms, longest: Math.max(0, ...tasks) };
	} finally {
		await context.close();
	}
}

/** Runs in the page before its own scripts. The browser reports tasks of more than 50 ms. */
function watchTasks(): void {
	const tasks: number[] = [];
	(globalThis as unknown as { longTasks: number[] }).longTasks = tasks;
	new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
		type: 'longtask',
		buffered: true,
	});
}
