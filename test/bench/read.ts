import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startDurableServer } from '@graft/testing/server';
import { type BenchApi, startApi } from './api.js';
import { atMost, type Benchmark, type Figure, quantile, reported } from './figure.js';
import { untilCompacted } from './ingest.js';
import { batchBody, createExperiment, createRun, finishRun, keepLeases, sendAll } from './runs-to-log.js';

const RUNS = 100;
const STEPS = 100_000;
const STARTS = 5;
const REPEATS = 20;

const LISTS = 'steps(packed: true) min(packed: true) max(packed: true) mean(packed: true)';
const SERIES = `query ($ids: [ID!]!) { metricSeries(runIds: $ids, keys: ["metric_0"], buckets: 1000) { key ${LISTS} } }`;
const BANDS = `query ($id: ID!) { metricBands(experimentId: $id, key: "metric_0", groupBy: ["config.group"], buckets: 1000) {
	group runs x(packed: true) mean(packed: true) low(packed: true) high(packed: true) } }`;

/** 100 runs of 100,000 steps, 20 groups of 5 seeds, and one series of a million points; with --full 10^8 points beside them. */
export const read: Benchmark = {
	name: 'read',
	about: '1,000 buckets of 100 runs x 100,000 steps, bands, and a million points at a glance, cold and warm',
	async run(log, { full }) {
		const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-read-'));
		const server = await startDurableServer(dataDir);
		let api = await startApi(server.url, dataDir);
		try {
			const experimentId = await createExperiment(api, 'read');
			const runIds = await load(api, experimentId, RUNS, 1);
			const [million] = await load(api, await createExperiment(api, 'million'), 1, 10);
			if (full) await load(api, await createExperiment(api, 'beside'), 90, 10);
			log('loaded');
			await untilCompacted(server);
			log('compacted');
			const bodies = {
				series: JSON.stringify({ query: SERIES, variables: { ids: runIds } }),
				bands: JSON.stringify({ query: BANDS, variables: { id: experimentId } }),
				overview: JSON.stringify({ query: SERIES, variables: { ids: [million] } }),
			};
			const cold: Record<string, number[]> = { series: [], bands: [], overview: [] };
			const warm: Record<string, number[]> = { series: [], bands: [], overview: [] };
			for (let start = 0; start < STARTS; start++) {
				await api.stop();
				api = await startApi(server.url, dataDir);
				for (const [name, body] of Object.entries(bodies)) {
					const first = await timed(api, body);
					cold[name]?.push(first.ms);
					for (let time = 0; time < REPEATS; time++) {
						const again = await timed(api, body);
						if (again.answer !== first.answer) throw new Error(`${name} was answered in two ways`);
						warm[name]?.push(again.ms);
					}
				}
				log(
					`start ${start + 1}: ${Object.entries(cold)
						.map(([name, list]) => `${name} ${Math.round(list.at(-1) ?? 0)} ms`)
						.join(', ')}`,
				);
			}
			const p95 = (of: Record<string, number[]>, name: string) => quantile(of[name] ?? [], 0.95);
			const figures: Figure[] = [
				reported('points stored', (RUNS + 10 + (full ? 900 : 0)) * STEPS, 'points'),
				atMost('100 runs, after a start of the API, p95', p95(cold, 'series'), 'ms', 300),
				atMost('100 runs again, p95', p95(warm, 'series'), 'ms', 60),
				atMost('bands of 20 groups, after a start, p95', p95(cold, 'bands'), 'ms', 300),
				atMost('bands again, p95', p95(warm, 'bands'), 'ms', 60),
				reported('overview of a million points, after a start, p95', p95(cold, 'overview'), 'ms'),
				atMost('overview of a million points again, p95', p95(warm, 'overview'), 'ms', 5),
			];
			return figures;
		} finally {
			await api.stop();
			await server.stop();
			rmSync(dataDir, { recursive: true, force: true });
		}
	},
};

async function load(api: BenchApi, experimentId: string, runs: number, batches: number): Promise<string[]> {
	const ids: string[] = [];
	for (let at = 0; at < runs; at++) {
		const run = await createRun(api, experimentId, { group: Math.floor(at / 5) });
		const stop = keepLeases(api, [run]);
		for (let batch = 0; batch < batches; batch++)
			await sendAll(api, [[batchBody(run, { series: 1, points: STEPS }, 'base64')]]);
		await finishRun(api, run);
		stop();
		ids.push(run.runId);
	}
	return ids;
}

async function timed(api: BenchApi, body: string): Promise<{ ms: number; answer: string }> {
	const began = performance.now();
	const answer = await api.post(body);
	const ms = performance.now() - began;
	if (answer.includes('"errors"')) throw new Error(answer.slice(0, 500));
	return { ms, answer };
}
