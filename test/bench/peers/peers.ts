import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startDurableServer } from '@graft/testing/server';
import { atLeast, atMost, type Benchmark, type Figure, notMeasured, quantile, reported } from '../figure.js';
import { startGraft } from './graft.js';
import { findMlflow, startMlflow } from './mlflow.js';
import type { Tracker } from './tracker.js';

const CLIENTS = 20;
const KEYS = 10;
/** MLflow takes no more metrics in one batch. */
const POINTS_PER_BATCH = 1_000;
const BATCHES = 5;
const RUNS = 200;
const READS = 20;
/** Each server has had the same load for so long before it is measured: Node compiles what runs often, and pools fill. */
const WARM_SECONDS = 5;

interface Load {
	readonly pointsPerSecond: number;
	/** Milliseconds, mean over the batches of 20 clients at once. */
	readonly batchMs: number;
	readonly seriesMs: number;
	readonly searchMs: number;
}

/** The same load on Graft and on a peer, on the same PostgreSQL, one after the other in one run. */
export const peers: Benchmark = {
	name: 'peers',
	about: 'logging, reading back and searching, beside an MLflow server on the same PostgreSQL (needs Python)',
	async run(log) {
		const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-peers-'));
		const server = await startDurableServer(path.join(dataDir, 'postgres'));
		try {
			const mlflow = findMlflow(log);
			const measure = async (start: (databaseUrl: string) => Promise<Tracker>, database: string) => {
				await server.query(`CREATE DATABASE ${database}`);
				const url = new URL(server.url);
				url.pathname = `/${database}`;
				const tracker = await start(url.toString());
				try {
					return await loadOf(tracker, log);
				} finally {
					await tracker.stop();
				}
			};
			const graft = await measure((url) => startGraft(url, dataDir), 'peers_graft');
			const ours = [
				reported('Graft: 1000-point batches of 20 clients', graft.pointsPerSecond, 'points/s'),
				atMost('Graft: one such batch, mean', graft.batchMs, 'ms', 20),
				atMost('Graft: a series of 500 points, p50', graft.seriesMs, 'ms', 20),
				atMost('Graft: 50 of 200 runs, filtered and sorted, p50', graft.searchMs, 'ms', 20),
			];
			if ('reason' in mlflow)
				return [...ours, ...ratios.map(([name]) => notMeasured(name, 'x', '>= 1', mlflow.reason))];
			const theirs = await measure((url) => startMlflow(mlflow.python, url, dataDir), 'peers_mlflow');
			return [
				...ours,
				reported(`MLflow ${mlflow.version}: the same batches`, theirs.pointsPerSecond, 'points/s'),
				reported('MLflow: one such batch, mean', theirs.batchMs, 'ms'),
				reported('MLflow: the same series, p50', theirs.seriesMs, 'ms'),
				reported('MLflow: the same search, p50', theirs.searchMs, 'ms'),
				...ratios.map(([name, of]): Figure => atLeast(name, of(graft, theirs), 'x', 1)),
				reported('load of the machine (processes that want a core)', os.loadavg()[0] ?? Number.NaN, ''),
			];
		} finally {
			await server.stop();
			rmSync(dataDir, { recursive: true, force: true });
		}
	},
};

const ratios: readonly (readonly [string, (graft: Load, other: Load) => number])[] = [
	['Graft stores faster than MLflow by', (graft, other) => graft.pointsPerSecond / other.pointsPerSecond],
	['Graft reads a series faster by', (graft, other) => other.seriesMs / graft.seriesMs],
	['Graft searches runs faster by', (graft, other) => other.searchMs / graft.searchMs],
];

async function loadOf(tracker: Tracker, log: (line: string) => void): Promise<Load> {
	const runs: string[] = Array(RUNS).fill('');
	// Every run has a value to be sorted by.
	await Promise.all(
		Array.from({ length: CLIENTS }, async (_, client) => {
			for (let index = client; index < RUNS; index += CLIENTS) {
				const run = await tracker.createRun(index / RUNS);
				await tracker.logBatch(run, { number: 1, keys: 1, firstStep: 0, values: [index] });
				runs[index] = run;
			}
		}),
	);
	const valuesOf = () => Array.from({ length: POINTS_PER_BATCH }, () => Math.random());
	const warmUntil = performance.now() + 1_000 * WARM_SECONDS;
	await Promise.all(
		runs.slice(CLIENTS, 2 * CLIENTS).map(async (run) => {
			for (let number = 2; performance.now() < warmUntil; number += 1) {
				const firstStep = 1 + ((number - 2) * POINTS_PER_BATCH) / KEYS;
				await tracker.logBatch(run, { number, keys: KEYS, firstStep, values: valuesOf() });
			}
		}),
	);
	const batchMs: number[] = [];
	const began = performance.now();
	await Promise.all(
		runs.slice(0, CLIENTS).map(async (run) => {
			for (let batch = 0; batch < BATCHES; batch += 1) {
				const values = valuesOf();
				const sentAt = performance.now();
				const firstStep = 1 + (batch * POINTS_PER_BATCH) / KEYS;
				await tracker.logBatch(run, { number: batch + 2, keys: KEYS, firstStep, values });
				batchMs.push(performance.now() - sentAt);
			}
		}),
	);
	const seconds = (performance.now() - began) / 1_000;
	const pointsPerSecond = (CLIENTS * BATCHES * POINTS_PER_BATCH) / seconds;
	log(`${tracker.name}: ${Math.round(pointsPerSecond)} points/s`);
	const timed = async (action: () => Promise<number>, expected: number) => {
		const times: number[] = [];
		for (let read = 0; read < READS; read += 1) {
			const at = performance.now();
			const got = await action();
			times.push(performance.now() - at);
			if (got !== expected) throw new Error(`${tracker.name} answered ${got} instead of ${expected}`);
		}
		return quantile(times, 0.5);
	};
	const points = 1 + (BATCHES * POINTS_PER_BATCH) / KEYS;
	let next = 0;
	const seriesMs = await timed(() => tracker.readSeries(runs[next++ % CLIENTS] ?? ''), points);
	const searchMs = await timed(() => tracker.searchRuns(), 50);
	log(`${tracker.name}: a series in ${seriesMs.toFixed(1)} ms, a search in ${searchMs.toFixed(1)} ms`);
	return { pointsPerSecond, batchMs: batchMs.reduce((sum, ms) => sum + ms) / batchMs.length, seriesMs, searchMs };
}
