import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startDurableServer } from '@graft/testing/server';
import { openLiveMemory, residentMegabytes } from '../support/memory.js';
import { freePort } from '../support/process.js';
import { type BenchApi, startApi } from './api.js';
import { atMost, type Benchmark, type Figure, quantile, reported } from './figure.js';
import { startChild } from './live/child.js';
import type { ReadersStats } from './live/readers.js';
import type { WriterStats } from './live/writer.js';

const RUNS = 50;
const PER_SECOND = 10;
const SUBSCRIBERS = 20;
const READ_EVERY_MS = 200;
const MEMORY_EVERY_MS = 2_000;
/** What the processes do while they start is no part of the first minute. */
const WARM_UP_MS = 15_000;
const READ =
	'query ($ids: [ID!]!) { metricSeries(runIds: $ids, keys: ["loss"], buckets: 200) { key steps(packed: true) mean(packed: true) } }';

interface Minute {
	/** MB that the process holds, garbage included: the middle of the minute's samples. */
	readonly resident: number;
	/** MB that are alive at the minute's end: what leaks grows here, whenever the collector comes. */
	readonly alive: number;
	readonly delivery: number;
	readonly read: number;
	readonly lost: number;
	readonly waiting: number;
}

/** The same load for minutes on end: what leaks or slows down shows between the minutes. */
export const soak: Benchmark = {
	name: 'soak',
	about: '50 runs of 10 points/s with readers and subscribers for --minutes (10): memory and latency stay flat',
	async run(log, { minutes }) {
		const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-soak-'));
		const server = await startDurableServer(path.join(dataDir, 'postgres'));
		const inspector = await freePort();
		const api = await startApi(server.url, dataDir, { NODE_OPTIONS: `--inspect=127.0.0.1:${inspector}` });
		const memory = await openLiveMemory(inspector);
		const spoolDir = path.join(dataDir, 'spool');
		const writer = startChild('writer', {
			...{ url: api.url, experiment: 'soak', spoolDir },
			...{ runs: RUNS, perSecond: PER_SECOND },
		});
		const children = [writer];
		try {
			const runIds = await writer.heard<string[]>();
			const subscribers = startChild('readers', { url: api.url, readers: Array(SUBSCRIBERS).fill(runIds) });
			children.push(subscribers);
			await subscribers.heard();
			const samples = { resident: [] as number[], read: [] as number[] };
			const stopReading = keepReading(api, runIds, samples.read);
			const timer = setInterval(() => samples.resident.push(residentMegabytes(api.pid)), MEMORY_EVERY_MS);
			await pause(WARM_UP_MS);
			await Promise.all([subscribers.ask('mark'), writer.ask('mark')]);
			for (const list of Object.values(samples)) list.length = 0;
			const course: Minute[] = [];
			while (course.length < minutes) {
				await pause(60_000);
				const seen = await subscribers.ask<ReadersStats>('mark');
				const { waiting } = await writer.ask<WriterStats>('mark');
				const minute = {
					resident: quantile(samples.resident.splice(0), 0.5),
					alive: await memory.megabytes(),
					delivery: seen.p95,
					read: quantile(samples.read.splice(0), 0.95),
					lost: seen.missing + seen.repeated,
					waiting,
				};
				course.push(minute);
				log(
					`minute ${course.length}: ${minute.alive.toFixed(1)} MB alive of ${minute.resident.toFixed(0)}, delivery p95 ${minute.delivery.toFixed(1)} ms, ` +
						`read p95 ${minute.read.toFixed(1)} ms, load ${os.loadavg()[0]?.toFixed(1)}`,
				);
			}
			clearInterval(timer);
			await stopReading();
			await writer.ask('stop');
			return figuresOf(course);
		} finally {
			for (const child of children) child.kill();
			memory.close();
			await api.stop();
			await server.stop();
			rmSync(dataDir, { recursive: true, force: true });
		}
	},
};

/**
 * The last third of the minutes is held against the first one, each by its middle minute: what a process does beside another one's
 * work, or while a core is slower, takes up to twice as long for a minute, and would be all that single minutes show.
 */
function figuresOf(course: readonly Minute[]): readonly Figure[] {
	const third = Math.floor(course.length / 3);
	const of = (pick: (minute: Minute) => number) => {
		const list = course.map(pick);
		const [first, last] = [quantile(list.slice(0, third), 0.5), quantile(list.slice(-third), 0.5)];
		return { first, growth: last / first, most: Math.max(...list) };
	};
	const [alive, delivery, read] = [of((m) => m.alive), of((m) => m.delivery), of((m) => m.read)];
	return [
		reported('minutes', course.length, 'min'),
		reported('memory of the API, the most of all minutes', Math.max(...course.map((m) => m.resident)), 'MB'),
		reported('memory alive in the API, first third', alive.first, 'MB'),
		atMost('memory alive, last third by the first', alive.growth, 'x', 1.1),
		reported('log call to socket, p95, first third', delivery.first, 'ms'),
		reported('log call to socket, p95, the worst minute', delivery.most, 'ms'),
		atMost('log call to socket, p95, last third by the first', delivery.growth, 'x', 1.3),
		reported('200 buckets of 10 runs, p95, first third', read.first, 'ms'),
		reported('200 buckets of 10 runs, p95, the worst minute', read.most, 'ms'),
		atMost('200 buckets of 10 runs, p95, last third by the first', read.growth, 'x', 1.3),
		atMost('points lost or doubled', course.at(-1)?.lost ?? 0, 'points', 0),
		reported('points waiting in the writers at the end', course.at(-1)?.waiting ?? 0, 'points'),
	];
}

/** Asks for the curves of ten runs at a time, as open pages do, one after another; returns what ends it. */
function keepReading(api: BenchApi, runIds: readonly string[], times: number[]): () => Promise<void> {
	let stopped = false;
	const reading = (async () => {
		for (let turn = 0; !stopped; turn = (turn + 10) % runIds.length) {
			const body = JSON.stringify({ query: READ, variables: { ids: runIds.slice(turn, turn + 10) } });
			const began = performance.now();
			const answer = await api.post(body);
			times.push(performance.now() - began);
			if (!answer.startsWith('{"data":{"metricSeries":[{')) throw new Error(answer.slice(0, 500));
			await pause(READ_EVERY_MS);
		}
	})();
	// What went wrong is thrown where the reading ends, after everything that was started can be stopped.
	reading.catch(() => undefined);
	return () => {
		stopped = true;
		return reading;
	};
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
