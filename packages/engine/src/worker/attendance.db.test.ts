import { findWorkers } from '@graft/database/worker';
import { createLogger } from '@graft/runtime/logger';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { until } from '@graft/testing/race';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { topics } from '../context/topics.js';
import { createHub, type Hub } from '../stream/hub.js';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, leaseNext, type Scene, trainer } from '../testing/scene.js';
import { type Attendance, createAttendance } from './attendance.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
let hub: Hub;
let attendance: Attendance;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
	hub = createHub();
	const logger = createLogger('test', 'error');
	attendance = createAttendance({ hub, database: clone.database, heartbeatSeconds: 0.05, logger });
});
afterEach(() => clone.drop());

const launch = async (over: object) =>
	ok(
		await it.engine.launchComparison({ ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' }], seeds: [0], ...over }),
	);
const workersOf = (count: number, over = {}) =>
	Promise.all(
		Array.from({ length: count }, () => it.engine.registerWorker({ ...trainer, ...over }).then((r) => ok(r).worker.id)),
	);

test('a queued run is offered to two workers that may take it, and the next run to others', async () => {
	const [plain, large] = [await workersOf(5), await workersOf(3, { memoryBytes: 2 ** 36 })];
	const leaves = [...plain, ...large].map((id) => attendance.join(id));
	const heard = (): Promise<string[]> => {
		const news = [...plain, ...large].map((id) => ({ id, news: hub.listen([topics.offer(id)]) }));
		const ids: string[] = [];
		for (const { id, news: own } of news) void own.next().then((topic) => topic !== null && ids.push(id));
		hub.announce([topics.queue]);
		return until(() => ids.length >= 2).then(() => {
			for (const { news: own } of news) own.close();
			return ids.toSorted();
		});
	};
	const [picky] = await launch({ requires: { memoryBytes: 2 ** 35 } });
	const first = await heard();
	expect(first).toHaveLength(2);
	expect(large).toEqual(expect.arrayContaining(first));
	// The one that was not offered anything yet is asked before those that were.
	expect(await heard()).toContain(large.find((id) => !first.includes(id)));
	ok(await it.engine.changeRuns([picky?.id ?? ''], 'delete'));
	await launch({});
	expect(plain).toEqual(expect.arrayContaining(await heard()));
	for (const leave of leaves) leave();
	expect(hub.size).toBe(0);
});

test('a worker that trains is offered nothing', async () => {
	await launch({ seeds: [1, 2] });
	const { workerId } = await leaseNext(it);
	const [idle = ''] = await workersOf(1);
	const leaves = [workerId, idle].map((id) => attendance.join(id));
	const [busy, free] = [workerId, idle].map((id) => hub.listen([topics.offer(id)]));
	hub.announce([topics.queue]);
	expect(await free?.next()).not.toBeNull();
	busy?.close();
	expect(await busy?.next()).toBeNull();
	for (const leave of leaves) leave();
});

test('workers that listen are noted as seen, all together', async () => {
	const ids = await workersOf(3);
	const seen = async () => (await findWorkers(clone.database, ids)).map(({ lastSeenAt }) => lastSeenAt.getTime());
	const leaves = ids.map((id) => attendance.join(id));
	const before = Math.max(...(await seen()));
	await until(async () => Math.min(...(await seen())) > before);
	for (const leave of leaves) leave();
});
