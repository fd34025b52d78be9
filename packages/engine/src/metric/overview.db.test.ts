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
	const { runIds: _, keys: __, ...range } = query;
	const bands = { ...range, experimentId, key: 'loss', groupBy: ['strategy'] };
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

test('of a run that logs, an overview touches no more than its last points', async () => {
	const it = createTestEngine(clone.database);
	const scene = await createScene(it);
	ok(await it.engine.launchComparison({ ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' }], seeds: [0] }));
	const { lease } = await leaseNext(it);
	const query = { runIds: [lease.runId], keys: ['loss'], buckets: 200, from: null, to: null, x: 'STEP' as const };
	for (let sequence = 1; sequence <= 70; sequence++) {
		const values = Array.from({ length: 100 }, (_, at) => Math.sin(sequence * 100 + at));
		ok(await it.engine.logMetrics(lease, batchOf(sequence, 'loss', sequence * 100 - 99, values)));
		await compactAll();
	}
	const chunks = await clone.database.query<{ count: number; summed: boolean }>({
		name: '',
		text: 'SELECT count, levels IS NOT NULL AS summed FROM metric_chunk',
	});
	const points = (some: typeof chunks) => some.reduce((sum, { count }) => sum + count, 0);
	expect(points(chunks)).toBe(7_000);
	expect(chunks.length).toBeLessThan(12);
	expect(points(chunks.filter(({ summed }) => !summed))).toBeLessThan(512);
	const before = ok(await it.engine.metricSeries(query));
	await clone.database.query({
		name: '',
		text: `UPDATE metric_chunk SET steps = '\\xff', times = '\\xff', values = '\\xff' WHERE levels IS NOT NULL`,
	});
	const fresh = createTestEngine(clone.database).engine;
	expect(ok(await fresh.metricSeries(query))).toEqual(before);
	expect(before[0]).toMatchObject({ points: 7_000 });
});

test('a part of a long series is answered as finely as there are buckets, its band too', async () => {
	const { engine, runId, experimentId } = await logged(40_000);
	const range = { buckets: 100, from: 20_000.5, to: 20_060, x: 'STEP' as const };
	const [series] = ok(await engine.metricSeries({ ...range, runIds: [runId], keys: ['loss'] }));
	const [band] = ok(await engine.metricBands({ ...range, experimentId, key: 'loss', groupBy: ['strategy'] }));
	const steps = Array.from({ length: 60 }, (_, at) => 20_001 + at);
	expect([...(series?.steps ?? [])]).toEqual(steps);
	expect([...(band?.x ?? [])]).toEqual(steps);
	// Batches begin with step 1.
	expect([...(band?.mean ?? [])]).toEqual(steps.map((step) => Math.sin(step - 1)));
	const byExamples = { ...range, from: 64_000, to: 64_640, x: 'EXAMPLES' as const };
	const [wide] = ok(await engine.metricBands({ ...byExamples, experimentId, key: 'loss', groupBy: ['strategy'] }));
	expect(Math.min(...(wide?.x ?? []))).toBeGreaterThanOrEqual(64_000);
	expect(Math.max(...(wide?.x ?? []))).toBeLessThanOrEqual(64_640);
	expect(wide?.x.length).toBeGreaterThan(10);
	expect(await engine.metricBands({ ...range, to: 1, experimentId, key: 'loss', groupBy: [] })).toMatchObject({
		kind: 'InvalidInput',
	});
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
	await compactAll();
	return { engine: it.engine, runId: lease.runId, experimentId: scene.experiment.id };
}

async function compactAll(): Promise<void> {
	for (const due of await findCompactionCandidates(clone.database, { points: 0, batches: 0, quietSeconds: 0 }))
		await compactAttempt(clone.database, due);
}
