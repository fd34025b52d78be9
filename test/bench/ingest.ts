import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DurableServer, startDurableServer } from '@graft/testing/server';
import { type BenchApi, startApi } from './api.js';
import { copyRate } from './copy-baseline.js';
import { atLeast, atMost, type Benchmark, type Figure, quantile, reported } from './figure.js';
import { logAndPush } from './log-and-push.js';
import {
	batchBody,
	createExperiment,
	createRun,
	finishRun,
	keepLeases,
	type LeasedRun,
	type Shape,
	sendAll,
} from './runs-to-log.js';

const CLIENTS = 8;
const THOUSAND: Shape = { series: 10, points: 100 };
const HUNDRED: Shape = { series: 10, points: 10 };
/** Each rate is the median of so many rounds, taken turn by turn, so that a disturbance meets all of them. */
const ROUNDS = 5;

/** What the ingest takes, beside binary COPY into a plain table on the same server in the same minutes. */
export const ingest: Benchmark = {
	name: 'ingest',
	about: 'points a second over HTTP into durable storage beside binary COPY, bytes a point, retries',
	async run(log) {
		const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-ingest-'));
		const server = await startDurableServer(dataDir);
		const api = await startApi(server.url, dataDir);
		try {
			return [
				...(await rates(api, server, log)),
				...(await bytes(api, server, log)),
				...(await logAndPush(api, log)),
				...(await retries(api, log)),
			];
		} finally {
			await api.stop();
			await server.stop();
			rmSync(dataDir, { recursive: true, force: true });
		}
	},
};

type Log = (line: string) => void;

async function rates(api: BenchApi, server: DurableServer, log: Log): Promise<readonly Figure[]> {
	const experimentId = await createExperiment(api, 'rates');
	const measured = { copy: [] as number[], packed: [] as number[], json: [] as number[], small: [] as number[] };
	await rate(api, experimentId, THOUSAND, 20, 'base64');
	for (let round = 0; round < ROUNDS; round++) {
		measured.copy.push(await copyRate(server.url, 2, 200, 1000));
		measured.packed.push(await rate(api, experimentId, THOUSAND, 100, 'base64'));
		measured.json.push(await rate(api, experimentId, THOUSAND, 60, 'json'));
		measured.small.push(await rate(api, experimentId, HUNDRED, 150, 'base64'));
		log(
			`round ${round + 1}: ${Object.entries(measured)
				.map(([name, list]) => `${name} ${Math.round(list.at(-1) ?? 0)}/s`)
				.join(', ')}`,
		);
	}
	const [copy, packed, json, small] = Object.values(measured).map((list) => quantile(list, 0.5)) as [
		number,
		number,
		number,
		number,
	];
	return [
		reported('binary COPY into a narrow table', copy, 'points/s'),
		atLeast('batches of 1000 points', packed, 'points/s', 600_000),
		atLeast('batches of 1000 points by COPY', packed / copy, 'x', 1.5),
		reported('the same as JSON lists', json, 'points/s'),
		atLeast('batches of 100 points', small, 'points/s', 150_000),
	];
}

async function rate(
	api: BenchApi,
	experimentId: string,
	shape: Shape,
	batches: number,
	form: 'base64' | 'json',
): Promise<number> {
	const runs = await Promise.all(Array.from({ length: CLIENTS }, () => createRun(api, experimentId)));
	const bodies = runs.map((run) => Array.from({ length: batches }, () => batchBody(run, shape, form)));
	const stop = keepLeases(api, runs);
	const seconds = await sendAll(api, bodies);
	stop();
	await Promise.all(runs.map((run) => finishRun(api, run)));
	return (CLIENTS * batches * shape.series * shape.points) / seconds;
}

/** What 800,000 points of 8 runs take on disk with all indexes, as they arrive and compacted. */
async function bytes(api: BenchApi, server: DurableServer, log: Log): Promise<readonly Figure[]> {
	const experimentId = await createExperiment(api, 'bytes');
	const partition = (table: string) => `${table}_${experimentId.replaceAll('-', '')}`;
	const sizeOf = async (table: string) => {
		const [row] = await server.query<{ bytes: number }>(
			`SELECT pg_total_relation_size('${partition(table)}') AS bytes`,
		);
		return Number(row?.bytes);
	};
	const runs = await Promise.all(Array.from({ length: CLIENTS }, () => createRun(api, experimentId)));
	await sendAll(
		api,
		runs.map((run) => Array.from({ length: 20 }, () => batchBody(run, THOUSAND, 'base64'))),
	);
	const points = CLIENTS * 20 * 1000;
	const before = (await sizeOf('metric_batch')) / points;
	log(`${before.toFixed(2)} bytes a point as they arrive`);
	await sendAll(
		api,
		runs.map((run) => Array.from({ length: 80 }, () => batchBody(run, THOUSAND, 'base64'))),
	);
	await Promise.all(runs.map((run) => finishRun(api, run)));
	await untilCompacted(server);
	await server.query(`VACUUM FULL ${partition('metric_chunk')}`);
	const after = (await sizeOf('metric_chunk')) / (points * 5);
	return [
		atMost('bytes a point as they arrive', before, 'bytes', 13),
		atMost('bytes a point compacted (float32 values)', after, 'bytes', 6),
	];
}

export async function untilCompacted(server: DurableServer): Promise<void> {
	for (;;) {
		const [row] = await server.query<{ waiting: boolean }>('SELECT EXISTS (SELECT FROM metric_batch) AS waiting');
		if (row?.waiting !== true) return;
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
}

/** A batch of 11 metrics is sent again while its run grows: the answer has to take as long at 5 million points as at 10,000. */
async function retries(api: BenchApi, log: Log): Promise<readonly Figure[]> {
	const run = await createRun(api, await createExperiment(api, 'retries'));
	const stop = keepLeases(api, [run]);
	const at = async (points: number): Promise<number> => {
		while (run.step * 11 < points)
			await sendAll(api, [[batchBody(run, { series: 11, points: Math.min(9_000, Math.ceil(points / 11)) }, 'base64')]]);
		const eleven = batchBody(run, { series: 11, points: 1 }, 'base64');
		await sendAll(api, [[eleven]]);
		const seconds: number[] = [];
		for (let time = 0; time < 200; time++) seconds.push(await sendAgain(api, eleven, run));
		log(`retry at ${points} points: p95 ${(quantile(seconds, 0.95) * 1000).toFixed(2)} ms`);
		return quantile(seconds, 0.5) * 1000;
	};
	const [few, many] = [await at(10_000), await at(5_000_000)];
	stop();
	return [
		reported('retry of 11 metrics at 10 k points', few, 'ms'),
		atMost('retry of 11 metrics at 5 M points', many, 'ms', 15),
		atMost('retry at 5 M by one at 10 k', many / few, 'x', 1.5),
	];
}

async function sendAgain(api: BenchApi, body: string, run: LeasedRun): Promise<number> {
	const began = performance.now();
	const answer = await api.post(body);
	if (!answer.includes('"duplicate":true')) throw new Error(`batch ${run.sequence} was not known: ${answer}`);
	return (performance.now() - began) / 1000;
}
