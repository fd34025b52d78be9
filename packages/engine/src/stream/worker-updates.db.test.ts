import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, leaseNext, trainer } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
const stop = new AbortController();
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database, { heartbeatSeconds: 0.3 });
	await it.engine.start();
});
afterEach(async () => {
	stop.abort();
	await it.engine.stop();
	await clone.drop();
});

test('the list of workers comes at once, and again when one arrives, takes a run, gets on or falls silent', async () => {
	const reader = it.engine.workerUpdates(stop.signal)[Symbol.asyncIterator]();
	expect((await reader.next()).value).toEqual([]);
	const arriving = reader.next();
	ok(await it.engine.registerWorker(trainer));
	expect((await arriving).value).toMatchObject([{ name: 'trainer' }]);

	/** Frames until the list, with what its workers hold, is as it should be. */
	const until = async (holds: (list: readonly { id: string }[]) => Promise<boolean>) => {
		while (!(await holds((await reader.next()).value)));
	};
	const scene = await createScene(it);
	ok(await it.engine.launchComparison({ ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' }], seeds: [0] }));
	const { run, lease, workerId } = await leaseNext(it);
	const held = () => it.engine.runsByWorkers([workerId]);
	await until(async () => (await held()).some(({ id }) => id === run.id));
	const progress = { phase: 0, epoch: 3, epochs: 9, step: 30, steps: 90, etaSeconds: 2 };
	ok(await it.engine.renewLease(lease, progress));
	await until(async () => (await held())[0]?.progress?.epoch === 3);

	// Nobody says that it fell silent: the frame comes by itself.
	const silent = await reader.next();
	expect(silent.value.map(({ id }: { id: string }) => id)).toContain(workerId);
});
