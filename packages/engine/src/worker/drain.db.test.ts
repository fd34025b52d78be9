import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, type Scene, trainer } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
let workerId: string;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
	ok(await it.engine.launchComparison(scene.launch));
	workerId = ok(await it.engine.registerWorker({ ...trainer, slots: 2 })).worker.id;
});
afterEach(() => clone.drop());

test('a worker that drains finishes what it holds and is given nothing more', async () => {
	const held = ok(await it.engine.leaseRun(workerId));
	if (held.kind !== 'LeasedRun') throw new Error('the queue is empty');
	const drained = ok(await it.engine.drainWorker(workerId));
	expect(drained.drainRequestedAt).toBeInstanceOf(Date);
	expect(await it.engine.leaseRun(workerId)).toMatchObject({ kind: 'NothingToDo', draining: true });
	ok(await it.engine.logMetrics(held.lease, batchOf(1, 'loss', 1, [1])));
	expect(ok(await finish(it, held.lease)).status).toBe('SUCCEEDED');
	expect(await it.engine.leaseRun(workerId)).toMatchObject({ kind: 'NothingToDo', draining: true });
	// Asked again, nothing changes.
	expect(ok(await it.engine.drainWorker(workerId)).drainRequestedAt).toEqual(drained.drainRequestedAt);
	const other = ok(await it.engine.registerWorker(trainer)).worker.id;
	expect(await it.engine.leaseRun(other)).toMatchObject({ kind: 'LeasedRun' });
});

test('it is told at once, once, and again when it comes back', async () => {
	const commands = async (signal: AbortSignal) => {
		const heard: string[] = [];
		for await (const { kind } of it.engine.workerCommands(workerId, signal)) {
			heard.push(kind);
			if (kind === 'DRAIN') break;
		}
		return heard;
	};
	const { signal } = new AbortController();
	const first = commands(signal);
	ok(await it.engine.drainWorker(workerId));
	expect((await first).filter((kind) => kind === 'DRAIN')).toEqual(['DRAIN']);
	expect(await commands(signal)).toEqual(['DRAIN']);
});

test('an unknown worker cannot be drained', async () => {
	for (const id of ['nobody', '00000000-0000-7000-8000-000000000000'])
		expect(await it.engine.drainWorker(id)).toMatchObject({ kind: 'NotFound' });
});
