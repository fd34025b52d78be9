import { createTestDatabase } from '@graft/testing/database';
import { expect, test } from 'vitest';
import { createTestEngine, ok } from '../testing/create-test-engine.js';
import { batchOf, createScene, leaseNext } from '../testing/scene.js';
import { createCompaction } from './compaction.js';

test('a busy process compacts what every query would have to read batch by batch, and leaves the rest for later', async () => {
	const clone = await createTestDatabase();
	const it = createTestEngine(clone.database);
	const scene = await createScene(it);
	ok(await it.engine.launchComparison({ ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' }], seeds: [0, 1] }));
	const [long, short] = [await leaseNext(it), await leaseNext(it)];
	for (let sequence = 1; sequence <= 8; sequence++) {
		ok(await it.engine.logMetrics(long.lease, batchOf(sequence, 'loss', sequence, [sequence])));
		if (sequence <= 4) ok(await it.engine.logMetrics(short.lease, batchOf(sequence, 'loss', sequence, [1, 2, 3])));
	}
	const compaction = { ...it.settings.compaction, batches: 3, hardBatches: 8 };
	const context = { database: clone.database, settings: { ...it.settings, compaction } };
	const compact = createCompaction(context as never);
	let isOver = false;
	const work = () => {
		const until = performance.now() + 5;
		while (performance.now() < until);
		if (!isOver) setImmediate(work);
	};
	work();
	expect(await compact(new AbortController().signal)).toBe(8);
	isOver = true;
	// It rests.
	await new Promise((resolve) => setTimeout(resolve, 200));
	const rested = createCompaction(context as never);
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect(await rested(new AbortController().signal)).toBe(12);
	await clone.drop();
});
