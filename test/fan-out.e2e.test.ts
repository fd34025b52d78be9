import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createGraftClient, decodeList, type GraftClient, startRun } from '@graft/client/node';
import { redisServerPath, startTestRedis } from '@graft/testing/redis';
import { type DurableServer, startDurableServer } from '@graft/testing/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FollowRunsDocument, MetricFramesDocument } from './gql/graphql.js';
import { type ApiProcess, startApi } from './support/api-process.js';
import { until } from './support/until.js';

const ways = redisServerPath() === null ? ['PostgreSQL'] : ['PostgreSQL', 'Redis'];
if (ways.length === 1) console.warn('No redis-server here (Debian: apt-get install redis-server): Redis is left out.');

// Two API processes on one database: what one stores, the readers of the other see.
describe.each(ways)('two API processes, with news over %s', (way) => {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-fan-out-'));
	const closing: (() => Promise<unknown>)[] = [];
	let server: DurableServer;
	let here: ApiProcess;
	let there: ApiProcess;

	beforeAll(async () => {
		server = await startDurableServer(path.join(dataDir, 'postgres'));
		closing.push(() => server.stop());
		const env: Record<string, string> = {};
		if (way === 'Redis') {
			const redis = await startTestRedis();
			closing.push(() => redis.kill());
			env.GRAFT_REDIS_URL = redis.url;
		}
		const start = () => startApi({ databaseUrl: server.url, dataDir, env });
		here = await start();
		there = await start();
		closing.push(() => Promise.all([here.stop(), there.stop()]));
	});
	afterAll(async () => {
		for (const close of closing.reverse()) await close();
		rmSync(dataDir, { recursive: true, force: true });
	});

	const startScript = (name: string) =>
		startRun({ url: here.url, experiment: name, metric: 'loss', spoolDir: path.join(dataDir, `spool ${way}`) });
	const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

	/** Reads the run from where `after` left it, until told to stop. */
	function follow(client: GraftClient, runId: string, after: string | null = null, single = false) {
		const steps: number[] = [];
		let cursor = after;
		const leaving = new AbortController();
		const variables = { runIds: [runId], after };
		const stream = client.streamWithCursor(FollowRunsDocument, variables, (frame) => frame.liveMetrics.cursor, {
			signal: leaving.signal,
		});
		/** The stream of one series a frame. */
		async function readSingle(): Promise<void> {
			const frames = client.streamWithCursor(MetricFramesDocument, variables, (frame) => frame.metricStream.cursor, {
				signal: leaving.signal,
			});
			for await (const { metricStream } of frames) {
				steps.push(...decodeList(metricStream.steps));
				cursor = metricStream.cursor;
			}
		}
		const reading = (async () => {
			if (single) return readSingle();
			for await (const { liveMetrics } of stream) {
				for (const series of liveMetrics.series) steps.push(...decodeList(series.steps));
				cursor = liveMetrics.cursor;
			}
		})();
		return {
			steps,
			leave: async () => {
				leaving.abort();
				await reading;
				return cursor;
			},
		};
	}
	const client = (api: ApiProcess) => {
		const made = createGraftClient({ url: api.url });
		closing.push(() => made.close());
		return made;
	};

	it('shows a reader of one what a script logs to the other, at once', async () => {
		const run = await startScript('at once');
		const reader = follow(client(there), run.id);
		const delays: number[] = [];
		for (const step of upTo(40)) {
			const logged = performance.now();
			run.log({ loss: step }, { step });
			await until(`step ${step} arrives`, async () => (reader.steps.length > step ? true : null));
			delays.push(performance.now() - logged);
		}
		expect(reader.steps).toEqual(upTo(40));
		// Told, not found by the look that each stream takes every half minute.
		expect(delays.sort((a, b) => a - b)[20]).toBeLessThan(5_000);
		await reader.leave();
		await run.finish();
	});

	it('goes on without a gap or a repeat over moves from process to process, and over their restarts', async () => {
		const run = await startScript('moves');
		const steady = follow(client(there), run.id);
		const single = follow(client(there), run.id, null, true);
		let step = 0;
		let logging = true;
		const script = (async () => {
			for (; logging; step += 1) {
				run.log({ loss: step }, { step });
				await new Promise((resolve) => setTimeout(resolve, 10));
			}
		})();
		const seen: number[] = [];
		let cursor: string | null = null;
		// The cursors of the two streams are the same: the reader moves from one to the other.
		for (const [move, api] of [there, here, there].entries()) {
			const reader = follow(client(api), run.id, cursor, move === 1);
			await until('the reader has news', async () => (reader.steps.length > 30 ? true : null));
			cursor = await reader.leave();
			seen.push(...reader.steps);
		}
		const last = follow(client(there), run.id, cursor);
		// Killed while both are at work: the script spools, the readers come back by themselves.
		await Promise.all([here.kill(), there.kill()]);
		await Promise.all([here.restart(), there.restart()]);
		const restartedAt = step;
		await until('the script is heard again', async () => (last.steps.at(-1) ?? 0) > restartedAt || null);
		logging = false;
		await script;
		await run.finish();
		await until('all is read', async () =>
			last.steps.at(-1) === step - 1 && [steady, single].every(({ steps }) => steps.length >= step) ? true : null,
		);
		expect([...seen, ...last.steps]).toEqual(upTo(step));
		for (const { steps } of [steady, single]) expect(steps).toEqual(upTo(step));
		await Promise.all([last, steady, single].map((reader) => reader.leave()));
	});
});
