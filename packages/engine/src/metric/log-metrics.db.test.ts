import { RESUME_KIND } from '@graft/domain/artifact';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { race } from '@graft/testing/race';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitFile, createTestEngine, letLeaseRunOut, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext, type Scene } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
let lease: Awaited<ReturnType<typeof leaseNext>>['lease'];
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
	const runs = ok(await it.engine.launchComparison({ ...scene.launch, seeds: [0] }));
	expect(runs).toHaveLength(2);
	({ lease } = await leaseNext(it));
});
afterEach(() => clone.drop());

const series = async (keys = ['loss']) =>
	ok(await it.engine.metricSeries({ runIds: [lease.runId], keys, buckets: 1000, from: null, to: null, x: 'STEP' }));
const summary = async (at: 'BEST' | 'LAST' | 'MIN' | 'MAX', metric = 'loss') =>
	(await it.engine.summaries([{ runId: lease.runId, metric, at }]))[0];

describe('logMetrics', () => {
	test('stores a batch once, though it comes ten times at once', async () => {
		const answers = await race(
			Array.from({ length: 10 }, () => () => it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [3, 2, 1]))),
		);
		const stored = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason));
		expect(stored.filter(({ duplicate }) => duplicate === false)).toHaveLength(1);
		expect(stored.filter(({ duplicate }) => duplicate === true)).toHaveLength(9);
		expect((await series())[0]?.points).toBe(3);
		expect(await summary('MIN')).toEqual({ value: 1, step: 3, finite: true, checkpointId: null });
	});

	test('two batches at once: the second is stored behind the first, or refused with the number of the first', async () => {
		for (let round = 0; round < 10; round++) {
			const next = round * 2 + 1;
			const [one, two] = await race([
				() => it.engine.logMetrics(lease, batchOf(next, 'loss', next, [next])),
				// Its series is one that the batch before makes: the summary's row is newer than this statement's snapshot.
				() => it.engine.logMetrics(lease, batchOf(next + 1, 'loss', next + 1, [next + 1])),
			]);
			expect(one).toMatchObject({ value: { kind: 'MetricsLogged', duplicate: false } });
			const second = (two as { value: { kind: string } }).value;
			if (second.kind === 'MetricsLogged') continue;
			expect(second).toMatchObject({ code: 'SEQUENCE_GAP', message: expect.stringContaining(`${next} is expected`) });
			ok(await it.engine.logMetrics(lease, batchOf(next + 1, 'loss', next + 1, [next + 1])));
		}
		expect((await series())[0]?.min).toEqual(Float64Array.from({ length: 20 }, (_, index) => index + 1));
		expect(await summary('LAST')).toEqual({ value: 20, step: 20, finite: true, checkpointId: null });
	});

	test('refuses a gap and names the number that is expected', async () => {
		expect(await it.engine.logMetrics(lease, batchOf(3, 'loss', 1, [1]))).toMatchObject({
			kind: 'InvalidInput',
			message: expect.stringContaining('1 is expected'),
		});
		expect(await series()).toEqual([]);
	});

	test('keeps NaN and the infinities, and takes them for neither minimum nor maximum', async () => {
		ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [Number.NaN, 2, Number.NEGATIVE_INFINITY, 5])));
		const [loss] = await series();
		expect(loss?.points).toBe(4);
		expect(loss?.nonFinite).toEqual([
			{ step: 1, value: 'NaN' },
			{ step: 3, value: '-Infinity' },
		]);
		expect(await summary('MIN')).toEqual({ value: 2, step: 2, finite: false, checkpointId: null });
		expect(await summary('MAX')).toEqual({ value: 5, step: 4, finite: false, checkpointId: null });
		ok(await it.engine.logMetrics(lease, batchOf(2, 'loss', 5, [Number.POSITIVE_INFINITY])));
		expect(await summary('LAST')).toEqual({ value: null, step: 5, finite: false, checkpointId: null });
	});

	test('a series of nothing but NaN has neither minimum nor maximum', async () => {
		ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [Number.NaN])));
		ok(await it.engine.logMetrics(lease, batchOf(2, 'loss', 2, [Number.NaN])));
		expect(await summary('MIN')).toEqual({ value: null, step: null, finite: false, checkpointId: null });
		ok(await it.engine.logMetrics(lease, batchOf(3, 'loss', 3, [7])));
		expect(await summary('MIN')).toEqual({ value: 7, step: 3, finite: false, checkpointId: null });
	});

	test('the summary equals one over all points, however they are cut into batches', async () => {
		const values = Array.from({ length: 60 }, (_, index) => Math.sin(index * 1.7) * 10);
		for (let from = 0, sequence = 1; from < values.length; sequence++) {
			const length = 1 + ((sequence * 7) % 5);
			ok(await it.engine.logMetrics(lease, batchOf(sequence, 'loss', from, values.slice(from, from + length))));
			from += length;
		}
		const [low, high] = [Math.min(...values), Math.max(...values)];
		expect(await summary('MIN')).toEqual({ value: low, step: values.indexOf(low), finite: true, checkpointId: null });
		expect(await summary('MAX')).toEqual({ value: high, step: values.indexOf(high), finite: true, checkpointId: null });
		expect(await summary('LAST')).toEqual({ value: values[59], step: 59, finite: true, checkpointId: null });
		// Less loss is better, whatever the experiment's own metric wants.
		expect(await summary('BEST')).toEqual(await summary('MIN'));
	});

	test('points that come out of order: the last is the one of the highest step', async () => {
		ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 10, [1, 2])));
		ok(await it.engine.logMetrics(lease, batchOf(2, 'loss', 3, [9])));
		expect(await summary('LAST')).toEqual({ value: 2, step: 11, finite: true, checkpointId: null });
	});

	test.each([
		['a key twice', { series: [...batchOf(1, 'a', 1, [1]).series, ...batchOf(1, 'a', 1, [1]).series] }],
		['an empty key', { series: batchOf(1, '', 1, [1]).series }],
		['a key with a NUL', { series: batchOf(1, 'a\0b', 1, [1]).series }],
		['a step that is no whole number', { series: batchOf(1, 'a', 0.5, [1]).series }],
		['a negative step', { series: batchOf(1, 'a', -1, [1]).series }],
		[
			'lists of different lengths',
			{ series: [{ key: 'a', steps: new Float64Array(2), values: new Float64Array(1), times: new Float64Array(2) }] },
		],
		['sequence 0', { sequence: 0 }],
	])('refuses %s', async (_, over) => {
		expect(await it.engine.logMetrics(lease, { ...batchOf(1, 'a', 1, [1]), ...over })).toMatchObject({
			kind: 'InvalidInput',
		});
	});

	test('refuses a batch that is too large with the limit', async () => {
		const values = new Array<number>(100_001).fill(0);
		expect(await it.engine.logMetrics(lease, batchOf(1, 'a', 1, values))).toMatchObject({
			kind: 'TooLarge',
			limit: 100_000,
		});
	});
});

describe('a later attempt', () => {
	// The other run of the launch is taken, so that the one whose lease runs out is the next to be handed out.
	beforeEach(async () => {
		await leaseNext(it);
	});

	test('that begins anew supersedes what came before', async () => {
		ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [1, 2, 3])));
		await letLeaseRunOut(clone.database, lease.runId);
		const next = await leaseNext(it);
		expect(await series()).toEqual([]);
		expect(await summary('LAST')).toBeNull();
		ok(await it.engine.logMetrics(next.lease, batchOf(1, 'loss', 1, [9])));
		expect((await series())[0]?.min).toEqual(Float64Array.of(9));
		expect(await summary('MIN')).toEqual({ value: 9, step: 1, finite: true, checkpointId: null });
	});

	test('that resumes from a step keeps what is before it, in series and summaries', async () => {
		ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [5, 4, 3])));
		await commitFile(it, lease, { kind: RESUME_KIND, name: 'state', text: 'at 2', step: 2 });
		ok(await it.engine.logMetrics(lease, batchOf(2, 'loss', 4, [0, 99])));
		await letLeaseRunOut(clone.database, lease.runId);
		const { worker } = ok(
			await it.engine.registerWorker({
				name: 'w',
				backend: 'wasm',
				backendReason: null,
				device: null,
				memoryBytes: null,
				labels: {},
				slots: 1,
			}),
		);
		const leased = ok(await it.engine.leaseRun(worker.id));
		if (leased.kind !== 'LeasedRun') throw new Error('nothing to do');
		expect(leased.resumeFrom).toMatchObject({ step: 2, name: 'state' });
		expect((await series())[0]?.min).toEqual(Float64Array.of(5, 4));
		expect(await summary('MIN')).toEqual({ value: 4, step: 2, finite: true, checkpointId: null });
		expect(await summary('MAX')).toEqual({ value: 5, step: 1, finite: true, checkpointId: null });
		ok(await it.engine.logMetrics(leased.lease, batchOf(1, 'loss', 3, [2])));
		expect((await series())[0]?.min).toEqual(Float64Array.of(5, 4, 2));
		expect(await summary('LAST')).toEqual({ value: 2, step: 3, finite: true, checkpointId: null });
	});
});

test('keys of a run: by name, those that contain a text, the first ones', async () => {
	const series = ['val_loss', 'train_loss', 'a%b', 'Accuracy'].flatMap((key) => batchOf(1, key, 1, [1]).series);
	ok(await it.engine.logMetrics(lease, { sequence: 1, series }));
	const keys = async (search: string | null, first: number | null) =>
		(await it.engine.metricKeysByRuns([lease.runId], { search, first })).get(lease.runId) ?? [];
	const all = (await it.engine.metricKeysByRuns([lease.runId])).get(lease.runId) ?? [];
	expect([...all].sort()).toEqual(['Accuracy', 'a%b', 'train_loss', 'val_loss']);
	expect(await keys(null, 2)).toEqual(all.slice(0, 2));
	expect(await keys('LOSS', null)).toEqual(['train_loss', 'val_loss']);
	expect([await keys('%', null), await keys('accuracy', null), await keys('\0', null)]).toEqual([
		['a%b'],
		['Accuracy'],
		[],
	]);
});

test('other axes: epochs by the logged epochs, compute by the examples', async () => {
	const times = Float64Array.of(1_800_000_000_000, 1_800_000_001_000);
	const steps = Float64Array.of(10, 20);
	const of = (key: string, ...values: number[]) => ({ key, steps, times, values: Float64Array.from(values) });
	const batch = { sequence: 1, series: [of('loss', 3, 2), of('epoch', 1, 2), of('examples', 320, 640)] };
	ok(await it.engine.logMetrics(lease, batch));
	const on = async (x: 'EPOCH' | 'EXAMPLES' | 'COMPUTE' | 'WALL_TIME') =>
		ok(await it.engine.metricSeries({ runIds: [lease.runId], keys: ['loss'], buckets: 10, from: null, to: null, x }))[0]
			?.steps;
	const cost = (await it.engine.run(lease.runId))?.freezePlan?.stepCost ?? Number.NaN;
	expect(await on('EPOCH')).toEqual(Float64Array.of(1, 2));
	expect(await on('EXAMPLES')).toEqual(Float64Array.of(320, 640));
	expect(await on('COMPUTE')).toEqual(Float64Array.of(320 * cost, 640 * cost));
	const [from, to] = (await on('WALL_TIME')) ?? [];
	expect((to ?? 0) - (from ?? 0)).toBe(1);
});

test('bands: mean and interval over the seeds of a strategy', async () => {
	const fresh = ok(
		await it.engine.createExperiment({ name: 'bands', description: null, metric: 'acc', direction: 'MAXIMIZE' }),
	);
	ok(await finish(it, lease));
	ok(await finish(it, (await leaseNext(it)).lease));
	ok(
		await it.engine.launchComparison({
			...scene.launch,
			experimentId: fresh.id,
			strategies: [{ kind: 'FEATURE_EXTRACTION' }],
			seeds: [0, 1, 2],
		}),
	);
	for (const value of [1, 2, 6]) {
		const next = await leaseNext(it);
		ok(await it.engine.logMetrics(next.lease, batchOf(1, 'acc', 5, [value])));
		ok(await finish(it, next.lease));
	}
	const query = { experimentId: fresh.id, key: 'acc', buckets: 10, from: null, to: null, x: 'STEP' as const };
	const [band] = ok(await it.engine.metricBands({ ...query, groupBy: ['strategy', 'config.epochs'] }));
	expect(band).toMatchObject({ runs: 3, group: { strategy: { kind: 'FEATURE_EXTRACTION' }, 'config.epochs': 2 } });
	expect(band?.mean).toEqual(Float64Array.of(3));
	// By hand: sd = sqrt(((1-3)^2 + (2-3)^2 + (6-3)^2) / 2) = sqrt(7); t(0.975, 2) = 4.302653.
	expect(band?.sd[0]).toBeCloseTo(Math.sqrt(7), 12);
	expect(band?.high[0]).toBeCloseTo(3 + (4.302652729911275 * Math.sqrt(7)) / Math.sqrt(3), 9);
	expect(await it.engine.metricBands({ ...query, groupBy: ['colour'] })).toMatchObject({ kind: 'InvalidInput' });
});
