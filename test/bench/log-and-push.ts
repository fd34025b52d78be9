import { createGraftClient } from '@graft/client/node';
import { MetricFramesDocument } from '../gql/graphql.js';
import type { BenchApi } from './api.js';
import { atMost, type Figure } from './figure.js';
import { batchBody, createExperiment, createRun, keepLeases, sendAll } from './runs-to-log.js';

const CLIENTS = 96;
const RESULTS = 5_000;

/** 96 clients with 5,000 results each, a second's worth a batch; the clock stops when one subscriber has got all of them. */
export async function logAndPush(api: BenchApi, log: (line: string) => void): Promise<readonly Figure[]> {
	const experimentId = await createExperiment(api, 'log and push');
	const runs = await Promise.all(Array.from({ length: CLIENTS }, () => createRun(api, experimentId)));
	const bodies = runs.map((run) =>
		Array.from({ length: RESULTS / 50 }, () => batchBody(run, { series: 1, points: 50 }, 'base64')),
	);
	const client = createGraftClient({ url: api.url });
	const frames = client.streamWithCursor(
		MetricFramesDocument,
		{ runIds: runs.map(({ runId }) => runId) },
		(frame) => frame.metricStream.cursor,
	);
	const stop = keepLeases(api, runs);
	const began = performance.now();
	let pushed = 0;
	const all = (async () => {
		for await (const { metricStream } of frames) {
			pushed += (metricStream.values as readonly unknown[]).length;
			if (pushed >= CLIENTS * RESULTS) return;
		}
	})();
	const stored = await sendAll(api, bodies);
	await all;
	const seconds = (performance.now() - began) / 1000;
	stop();
	await client.close();
	log(`480,000 results stored after ${stored.toFixed(1)} s and pushed after ${seconds.toFixed(1)} s`);
	return [
		atMost('480,000 results of 96 clients, stored and pushed', seconds, 's', 101),
		atMost('of them lost or doubled', Math.abs(pushed - CLIENTS * RESULTS), 'results', 0),
	];
}
