import { afterEach, describe, expect, it } from 'vitest';
import { createGraftClient } from '../node/index.js';
import { type LocalServer, localServer } from '../testing/local-server.js';
import { LogPusher } from './log-pusher.js';
import { MetricPusher } from './metric-pusher.js';

const lease = { runId: 'run-1', token: 'secret' };
let server: LocalServer | undefined;
afterEach(() => server?.close());

/** Answers each request with the next of the given answers; `null` cuts the connection instead. */
async function answering(answers: (object | null)[]) {
	const seen: { variables: unknown }[] = [];
	server = await localServer({
		http: (request, body, response) => {
			seen.push(JSON.parse(String(body)));
			const answer = answers.shift();
			if (answer) response.end(JSON.stringify({ data: answer }));
			else request.socket.destroy();
		},
	});
	return { client: createGraftClient({ url: server.url }), seen };
}

describe('MetricPusher', () => {
	it('sends a series a key, and the same batch again when the connection breaks', async () => {
		const stored = { logMetrics: { __typename: 'MetricsLogged', sequence: 1, duplicate: false } };
		const { client, seen } = await answering([null, stored]);
		const pusher = new MetricPusher(client, lease, { retryDelay: () => 1 });
		pusher.push([
			{ key: 'val_loss', step: 10, value: 0.5, time: 1_000 },
			{ key: 'train_loss', step: 10, value: Number.NaN, time: 1_000 },
			{ key: 'val_loss', step: 20, value: Number.NEGATIVE_INFINITY, time: 2_000 },
		]);
		await pusher.flush();
		const input = {
			lease,
			sequence: 1,
			series: [
				{ key: 'val_loss', steps: [10, 20], values: [0.5, '-Infinity'], times: [1_000, 2_000] },
				{ key: 'train_loss', steps: [10], values: ['NaN'], times: [1_000] },
			],
		};
		expect(seen.map(({ variables }) => variables)).toEqual([{ input }, { input }]);
	});
});

describe('LogPusher', () => {
	it('splits texts into lines, numbers the batches and stops when the lease is lost', async () => {
		const { client, seen } = await answering([
			{ logLines: { __typename: 'LinesLogged', sequence: 1, duplicate: false } },
			{ logLines: { __typename: 'LeaseLost', reason: 'expired' } },
		]);
		const pusher = new LogPusher(client, lease);
		pusher.write('one\ntwo\n');
		await pusher.flush();
		pusher.write('x'.repeat(3_000));
		await expect(pusher.flush()).rejects.toMatchObject({ code: 'LEASE_LOST' });
		expect(seen.map(({ variables }) => variables)).toEqual([
			{ lease, sequence: 1, lines: ['one', 'two'] },
			{ lease, sequence: 2, lines: [`${'x'.repeat(2_000)}…`] },
		]);
	});
});
