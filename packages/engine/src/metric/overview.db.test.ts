import { compactAttempt, findCompactionCandidates } from '@graft/database/metric';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, ok } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext } from '../testing/scene.js';

let clone: TestDatabase;
beforeEach(async () => {
	clone = await createTestDatabase();
});
afterEach(() => clone.drop());

test('an overview and its bands touch no point, of no chunk: the same answer when the points are unreadable', async () => {
	const { engine, runId, experimentId } = await logged(40_000);
	const query = { runIds: [runId], keys: ['loss'], buckets: 1_000, from: null, to: null, x: 'STEP' as const };
	const bands = { experimentId, key: 'loss', groupBy: ['strategy'], buckets: 1_000, x: 'STEP' as const };
	const before = [ok(await engine.metricSeries(query)), ok(await engine.metricBands(bands))];
	await clone.database.query({
		name: '',
		text: `UPDATE metric_chunk SET steps = '\\xff', times = '\\xff', values = '\\xff'`,
	});
	// Another engine: what this one has answered it keeps.
	const fresh = createTestEngine(clone.database).engine;
	expect([ok(await fresh.metricSeries(query)), ok(await fresh.metricBands(bands))]).toEqual(before);
	expect(before[0]?.[0]).toMatchObject({ points: 40_000 });
	await expect(fresh.metricSeries({ ...query, from: 100, to: 900 })).rejects.toThrow('damaged');
});

async function logged(points: number) {
	const it = createTestEngine(clone.database);
	const scene = await createScene(it);
	ok(await it.engine.launchComparison({ ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' }], seeds: [0] }));
	const { lease } = await leaseNext(it);
	ok(
		await it.engine.logMetrics(
			lease,
			batchOf(
				1,
				'loss',
				1,
				Array.from({ length: points }, (_, at) => Math.sin(at)),
			),
		),
	);
	ok(await finish(it, lease));
	for (const due of await findCompactionCandidates(clone.database, { points: 0, batches: 0, quietSeconds: 0 }))
		await compactAttempt(clone.database, due);
	return { engine: it.engine, runId: lease.runId, experimentId: scene.experiment.id };
}
