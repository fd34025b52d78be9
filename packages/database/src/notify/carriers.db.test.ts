import { createLogger } from '@graft/runtime/logger';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { until } from '@graft/testing/race';
import { redisServerPath, startTestRedis, type TestRedis } from '@graft/testing/redis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../connection/index.js';
import { type Carrier, type Notifier, notifierOver } from './notifier.js';
import { postgresCarrier } from './postgres-carrier.js';
import { redisCarrier } from './redis-carrier.js';

const logger = createLogger('test', 'silent');
const withRedis = redisServerPath() !== null;
let clone: TestDatabase;
let redis: TestRedis | null = null;
const started: Notifier[] = [];

beforeEach(async () => {
	clone = await createTestDatabase('empty');
});
afterEach(async () => {
	await Promise.all(started.splice(0).map((notifier) => notifier.stop()));
	await redis?.kill();
	redis = null;
	await clone.drop();
});

interface Way {
	readonly name: string;
	readonly prepare: () => Promise<void>;
	readonly carrier: (database: Database) => Carrier;
	/** Breaks the line of everybody who listens, and lets it come back. */
	readonly breakLine: () => Promise<void>;
}
const ways: readonly Way[] = [
	{
		name: 'PostgreSQL',
		prepare: async () => undefined,
		carrier: (database) => postgresCarrier(database, logger),
		breakLine: async () => {
			const text = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND application_name = 'graft-news'`;
			await clone.database.query({ name: '', text });
		},
	},
	{
		name: 'Redis',
		prepare: async () => {
			redis = await startTestRedis();
		},
		carrier: (database) => redisCarrier(redis?.url ?? '', database, logger),
		breakLine: async () => {
			await redis?.kill();
			await redis?.restart();
		},
	},
];

// Without a redis-server on the PATH (Debian: apt-get install redis-server) its half is skipped.
describe.each(ways.filter(({ name }) => name !== 'Redis' || withRedis))('news over $name', (way) => {
	async function process() {
		const heard: string[] = [];
		let gaps = 0;
		const database = await clone.open();
		const notifier = notifierOver(way.carrier(database), logger, {
			onTopics: (topics) => heard.push(...topics),
			onGap: () => {
				gaps += 1;
			},
		});
		started.push(notifier);
		await notifier.start();
		return { notifier, heard, gaps: () => gaps };
	}

	test('reaches the other processes, each topic once a moment, and not the sender', async () => {
		await way.prepare();
		const [one, two, three] = await Promise.all([process(), process(), process()]);
		const topics = Array.from({ length: 500 }, (_, index) => `metric:${String(index).padStart(36, '0')}`);
		for (const topic of topics) {
			one.notifier.publish([topic]);
			one.notifier.publish([topic]);
		}
		await until(() => two.heard.length >= 500 && three.heard.length >= 500);
		two.notifier.publish(['run:last']);
		await until(() => one.heard.length > 0 && three.heard.length > 500);
		expect(two.heard).toEqual(topics);
		expect(three.heard).toEqual([...topics, 'run:last']);
		expect(one.heard).toEqual(['run:last']);
	});

	test('comes back after a break, tells that something may be missing, and carries on', async () => {
		await way.prepare();
		const [one, two] = await Promise.all([process(), process()]);
		await way.breakLine();
		// It may be said before the line is back: it is said again, or what it was about is found in the gap.
		one.notifier.publish(['run:during']);
		await until(() => two.gaps() > 0);
		await until(() => {
			one.notifier.publish(['run:after']);
			return two.heard.includes('run:after');
		});
		// Each process has a line of its own, which comes back in its own time.
		await until(() => one.gaps() > 0);
	});
});

test.skipIf(!withRedis)('says which Redis does not answer, and what to do', async () => {
	redis = await startTestRedis();
	await redis.kill();
	const notifier = notifierOver(redisCarrier(redis.url, clone.database, logger), logger, {
		onTopics: () => undefined,
		onGap: () => undefined,
	});
	await expect(notifier.start()).rejects.toMatchObject({
		code: 'UNAVAILABLE',
		message: expect.stringMatching(/Redis at 127\.0\.0\.1:\d+ does not answer.*GRAFT_REDIS_URL/s),
	});
});
