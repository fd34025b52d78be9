import { createFakeClock } from '@graft/testing/clock';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { trainer } from '../testing/scene.js';

const HOUR_MS = 3_600_000;
let clone: TestDatabase;
let it: TestEngine;
const clock = createFakeClock(new Date());
beforeAll(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database, { heartbeatSeconds: 3 }, clock.now);
});
afterAll(() => clone.drop());

test('a trainer that registers twice is two workers, the latest first; after a day of silence it is history', async () => {
	const first = ok(await it.engine.registerWorker({ ...trainer, labels: { room: 'lab' } }));
	const second = ok(await it.engine.registerWorker(trainer));
	expect(first.heartbeatSeconds).toBe(3);
	expect(first.worker).toMatchObject({ name: 'trainer', memoryBytes: 2 ** 33, labels: { room: 'lab' } });
	expect((await it.engine.workers()).map(({ id }) => id)).toEqual([second.worker.id, first.worker.id]);
	clock.advance(23 * HOUR_MS);
	expect(await it.engine.workers()).toHaveLength(2);
	clock.advance(2 * HOUR_MS);
	expect(await it.engine.workers()).toEqual([]);
	expect(await it.engine.workersByIds([first.worker.id, 'none'])).toEqual([first.worker]);
});

test.each([
	['no slot', { slots: 0 }, 'slots'],
	['an empty name', { name: '' }, 'name'],
	['a memory that is none', { memoryBytes: -1 }, 'memoryBytes'],
	['labels that no database holds', { labels: { a: '\0' } }, 'labels'],
])('refuses %s', async (_, over, field) => {
	expect(await it.engine.registerWorker({ ...trainer, ...over })).toMatchObject({ kind: 'InvalidInput', field });
});
