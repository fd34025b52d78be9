import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DurableServer, startDurableServer } from '@graft/testing/server';
import { type BenchApi, startApi } from './api.js';
import { atMost, type Benchmark, type Figure, quantile, reported } from './figure.js';
import { untilCompacted } from './ingest.js';
import { batchBody, createExperiment, createRun, finishRun, keepLeases, sendAll } from './runs-to-log.js';

const RUNS = 100;
const STEPS = 100_000;
const STARTS = 8;
const REPEATS = 20;
/** Overviews that were not asked for before: so many at once after each start, then, in a process that has answered some thousands. */
const FIRST = 100;
const SETTLING = 4_000;
const SETTLED = 1_000;
/** Beside the others with --full: so many points in all, and experiments, each of which is two partitions. */
const POINTS_BESIDE = 90_000_000;
const EXPERIMENTS_BESIDE = 1_000;
/** How many times the milliseconds that the same queries take without what is beside them. */
const FLAT = 1.3;

const LISTS = 'steps(packed: true) min(packed: true) max(packed: true) mean(packed: true)';
const BUCKETS = 1_000;
const SERIES = `query ($ids: [ID!]!, $to: Float) { metricSeries(runIds: $ids, keys: ["metric_0"], buckets: ${BUCKETS}, to: $to) { key ${LISTS} } }`;
const BANDS = `query ($id: ID!) { metricBands(experimentId: $id, key: "metric_0", groupBy: ["config.group"], buckets: ${BUCKETS}) {
	group runs x(packed: true) mean(packed: true) low(packed: true) high(packed: true) } }`;

/** 100 runs of 100,000 steps, 20 groups of 5 seeds, and one series of a million points; with --full 10^8 points beside them. */
export const read: Benchmark = {
	name: 'read',
	about: '1,000 buckets of 100 runs x 100,000 steps, bands, and a million points at a glance, cold and warm',
	async run(log, { full, data }) {
		const folder = data ?? mkdtempSync(path.join(os.tmpdir(), 'graft-bench-read-'));
		const stores = [await openStore(path.join(folder, 'plain'), false, log)];
		try {
			if (full) stores.push(await openStore(path.join(folder, 'full'), true, log));
			for (const store of stores) await readThrough(store, log);
			for (let start = 0; start < STARTS; start++) for (const store of stores) await measure(store, log);
			for (const store of stores) await measureSettled(store, log);
			const [plain, large] = stores as [Store, Store?];
			return large === undefined
				? figuresOf(plain)
				: [...figuresOf(plain), ...figuresOf(large), ...ratios(plain, large)];
		} finally {
			for (const { server } of stores) await server.stop();
			if (data === null) rmSync(folder, { recursive: true, force: true });
		}
	},
};

const QUERIES = ['series', 'bands', 'overview'] as const;
type Times = Record<(typeof QUERIES)[number], number[]>;

/** What a data directory holds. */
interface Contents {
	readonly points: number;
	/** Of 100,000 steps each, and their experiment. */
	readonly runIds: readonly string[];
	readonly experimentId: string;
	/** The run of a million steps. */
	readonly longId: string | undefined;
}
interface Store extends Contents {
	readonly bodies: Readonly<Record<(typeof QUERIES)[number], string>>;
	readonly dataDir: string;
	readonly server: DurableServer;
	readonly cold: Times;
	readonly warm: Times;
	/** The overview, each time in another way, so that no earlier answer serves: after a start, and in the long run. */
	readonly first: number[];
	readonly settled: number[];
	/** The smallest query between those, which is what the way there and back takes. */
	readonly smallest: number[];
}

/** Loaded once: a directory that is kept is used as it is. */
async function openStore(dataDir: string, full: boolean, log: (line: string) => void): Promise<Store> {
	mkdirSync(dataDir, { recursive: true });
	const file = path.join(dataDir, 'contents.json');
	const server = await startDurableServer(dataDir);
	if (!existsSync(file)) {
		const began = performance.now();
		const contents = await fill(server, dataDir, full);
		writeFileSync(file, JSON.stringify(contents));
		log(`${contents.points} points in ${Math.round((performance.now() - began) / 1000)} s`);
	}
	const times = (): Times => ({ series: [], bands: [], overview: [] });
	const contents: Contents = JSON.parse(readFileSync(file, 'utf8'));
	const bodies = {
		series: JSON.stringify({ query: SERIES, variables: { ids: contents.runIds } }),
		bands: JSON.stringify({ query: BANDS, variables: { id: contents.experimentId } }),
		overview: JSON.stringify({ query: SERIES, variables: { ids: [contents.longId] } }),
	};
	return { ...contents, bodies, dataDir, server, cold: times(), warm: times(), first: [], settled: [], smallest: [] };
}

async function fill(server: DurableServer, dataDir: string, full: boolean): Promise<Contents> {
	const api = await startApi(server.url, dataDir);
	try {
		const experimentId = await createExperiment(api, 'read');
		const runIds = await load(api, experimentId, RUNS, 1);
		const [longId] = await load(api, await createExperiment(api, 'million'), 1, 10);
		if (full) {
			await load(api, await createExperiment(api, 'beside'), POINTS_BESIDE / (10 * STEPS), 10);
			for (let at = 0; at < EXPERIMENTS_BESIDE; at++) await createExperiment(api, `beside ${at}`);
		}
		await untilCompacted(server);
		return { points: (RUNS + 10) * STEPS + (full ? POINTS_BESIDE : 0), runIds, experimentId, longId };
	} finally {
		await api.stop();
	}
}

/** Not counted: what was loaded just now lies in memory, and a directory that was kept is to be measured like one. */
async function readThrough({ dataDir, server, points, bodies }: Store, log: (line: string) => void) {
	const api = await startApi(server.url, dataDir);
	try {
		for (const name of QUERIES) {
			const { ms } = await timed(api, bodies[name]);
			log(`${points} points, read through: ${name} ${ms.toFixed(0)} ms`);
		}
	} finally {
		await api.stop();
	}
}

/** Each query once after a start of the API, and again and again. */
async function measure(
	{ dataDir, server, points, longId, bodies, cold, warm, first }: Store,
	log: (line: string) => void,
) {
	const api = await startApi(server.url, dataDir);
	try {
		for (const name of QUERIES) {
			const once = await timed(api, bodies[name]);
			cold[name].push(once.ms);
			for (let time = 0; time < REPEATS; time++) {
				const again = await timed(api, bodies[name]);
				if (again.answer !== once.answer) throw new Error(`${name} was answered in two ways`);
				warm[name].push(again.ms);
			}
		}
		const ask = neverAskedBefore(api, longId);
		for (let time = 0; time < FIRST; time++) first.push(await ask());
		log(`${points} points: ${QUERIES.map((name) => `${name} ${cold[name].at(-1)?.toFixed(0)} ms`).join(', ')}`);
	} finally {
		await api.stop();
	}
}

/** A process compiles what it runs for its first seconds, on the cores on which it and PostgreSQL would answer. */
async function measureSettled({ dataDir, server, longId, settled, smallest }: Store, log: (line: string) => void) {
	const api = await startApi(server.url, dataDir);
	try {
		const ask = neverAskedBefore(api, longId);
		for (let time = 0; time < SETTLING; time++) await ask();
		for (let time = 0; time < SETTLED; time++) {
			settled.push(await ask());
			smallest.push((await timed(api, '{"query":"{ __typename }"}')).ms);
		}
		log(`an overview by the median ${quantile(settled, 0.5).toFixed(1)} ms`);
	} finally {
		await api.stop();
	}
}

/** The whole series, up to another step behind its end each time; answers how many milliseconds it took. */
function neverAskedBefore(api: BenchApi, longId: string | undefined): () => Promise<number> {
	let to = 10 * STEPS;
	return async () => {
		to += 1;
		return (await timed(api, JSON.stringify({ query: SERIES, variables: { ids: [longId], to } }))).ms;
	};
}

function figuresOf({ points, cold, warm, first, settled, smallest }: Store): Figure[] {
	const of = `${points / 1e6} M points`;
	const p95 = (times: Times, name: keyof Times) => quantile(times[name], 0.95);
	return [
		atMost(`${of}: 100 runs, after a start, p95`, p95(cold, 'series'), 'ms', 300),
		atMost(`${of}: 100 runs again, p95`, p95(warm, 'series'), 'ms', 60),
		atMost(`${of}: bands of 20 groups, after a start, p95`, p95(cold, 'bands'), 'ms', 300),
		atMost(`${of}: bands again, p95`, p95(warm, 'bands'), 'ms', 60),
		reported(`${of}: overview of a million, after a start, p95`, p95(cold, 'overview'), 'ms'),
		reported(`${of}: overview of a million again, p95`, p95(warm, 'overview'), 'ms'),
		...[0.5, 0.95].map((q) =>
			reported(
				`${of}: overview of a million, not asked for before, first ${FIRST} after a start, p${100 * q}`,
				quantile(first, q),
				'ms',
			),
		),
		reported(`${of}: the smallest query, p95`, quantile(smallest, 0.95), 'ms'),
		reported(`${of}: overview of a million, not asked for before, p50`, quantile(settled, 0.5), 'ms'),
		atMost(`${of}: overview of a million, not asked for before, p95`, quantile(settled, 0.95), 'ms', 5),
	];
}

/** Of medians: of eight starts the 95th percentile is the slowest, whatever made it slow. */
function ratios(plain: Store, large: Store): Figure[] {
	const ratio = (of: 'cold' | 'warm', name: keyof Times) =>
		quantile(large[of][name], 0.5) / quantile(plain[of][name], 0.5);
	return [
		...QUERIES.flatMap((name) => [
			atMost(`${name}: how much more, after a start`, ratio('cold', name), 'x', FLAT),
			atMost(`${name}: how much more, again`, ratio('warm', name), 'x', FLAT),
		]),
		atMost(
			'overview, not asked for before: how much more',
			quantile(large.settled, 0.5) / quantile(plain.settled, 0.5),
			'x',
			FLAT,
		),
	];
}

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
