import type { Lease } from '@graft/domain/lease';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, leaseNext, type Scene } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
let lease: Lease;
let began: number;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
	const leased = await begin();
	lease = leased.lease;
	began = leased.run.startedAt?.getTime() ?? Number.NaN;
});
afterEach(() => clone.drop());

const begin = async () => {
	ok(await it.engine.launchComparison({ ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' }], seeds: [0] }));
	return leaseNext(it);
};
/** One batch of points of `loss`, each `seconds` after the start. */
const log = async (sequence: number, points: readonly { step: number; value: number; seconds: number }[], of = lease) =>
	void ok(
		await it.engine.logMetrics(of, {
			sequence,
			series: [
				{
					key: 'loss',
					steps: Float64Array.from(points, ({ step }) => step),
					values: Float64Array.from(points, ({ value }) => value),
					times: Float64Array.from(points, ({ seconds }) => began + seconds * 1000),
				},
			],
		}),
	);
const zoom = async (from: number | null, to: number | null, buckets = 100) => {
	const query = { runIds: [lease.runId], keys: ['loss'], buckets, from, to, x: 'WALL_TIME' as const };
	return ok(await it.engine.metricSeries(query))[0];
};
/** A point each tenth of a second. */
const steady = (first: number, count: number) =>
	Array.from({ length: count }, (_, at) => ({ step: first + at, value: first + at, seconds: (first + at) / 10 }));

test('a zoom by time has exactly the points of the range, however long the series', async () => {
	await log(1, steady(0, 50_000));
	const ten = await zoom(2_500.05, 2_501.05);
	expect([ten?.points, ...(ten?.min ?? [])]).toEqual([10, ...Array.from({ length: 10 }, (_, at) => 25_001 + at)]);
	expect(ten?.max).toEqual(ten?.min);
	expect([(await zoom(4_999.9, null))?.points, (await zoom(null, 0))?.points]).toEqual([1, 1]);
	expect([await zoom(2_500.01, 2_500.09), await zoom(5_000, null), await zoom(null, -1)]).toEqual([
		undefined,
		undefined,
		undefined,
	]);
	// 1,024 steps lie in 100 buckets of 16 steps, and not of 32 as one step more would at the edge of a cell.
	const wide = await zoom(1_638.4, 1_740.7);
	expect([wide?.points, wide?.steps.length]).toEqual([1_024, 64]);
});

test('a NaN at the edge is in the range by its own time', async () => {
	await log(1, [...steady(0, 3), { step: 3, value: Number.NaN, seconds: 0.3 }, ...steady(4, 2)]);
	const made = await zoom(0.25, 0.45);
	expect([made?.points, [...(made?.min ?? [])], made?.nonFinite]).toEqual([2, [4], [{ step: 0.3, value: 'NaN' }]]);
});

test('a point that came late among earlier steps does not cut what lies behind it', async () => {
	await log(1, [...steady(0, 50), ...steady(51, 50), { step: 50, value: 50, seconds: 1_000 }]);
	const made = await zoom(4, 8);
	expect([...(made?.min ?? [])]).toEqual([...Array(41).keys()].map((at) => 40 + at).filter((step) => step !== 50));
	expect([...((await zoom(500, null))?.min ?? [])]).toEqual([50]);
});

test('a run that has nothing in the range does not make the buckets of a band wider', async () => {
	const query = { experimentId: scene.experiment.id, key: 'loss', groupBy: ['strategy'], buckets: 50 };
	const bands = async (from: number, to: number) =>
		ok(await it.engine.metricBands({ ...query, from, to, x: 'WALL_TIME' }));
	await log(1, steady(0, 1_000));
	const alone = await bands(60, 66.3);
	expect([alone[0]?.runs, alone[0]?.x.length]).toEqual([1, 50]);
	const other = await begin();
	const early = Array.from({ length: 100 }, (_, at) => ({ step: at * 10_000, value: 1, seconds: at / 10 }));
	await log(1, early, other.lease);
	expect(await bands(60, 66.3)).toEqual(alone);
	expect(await bands(200, 300)).toEqual([]);
});

test('a range that reaches behind every step of an axis ends with the last point', async () => {
	await log(1, steady(0, 1_000));
	const series = [
		{ key: 'epoch', steps: Float64Array.of(0), values: Float64Array.of(0), times: Float64Array.of(began) },
	];
	ok(await it.engine.logMetrics(lease, { sequence: 2, series }));
	const query = { runIds: [lease.runId], keys: ['loss'], buckets: 50, from: null, to: 0, x: 'EPOCH' as const };
	expect(ok(await it.engine.metricSeries(query))[0]?.steps.length).toBe(32);
});
