import type { MetricFrame } from '@graft/domain/metric';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, leaseNext, type Scene } from '../testing/scene.js';
import { take } from '../testing/take.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
let stop: AbortController;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
	stop = new AbortController();
});
afterEach(async () => {
	stop.abort();
	await clone.drop();
});

const launch = async (over = {}) => ok(await it.engine.launchComparison({ ...scene.launch, ...over }));

describe('metricStream', () => {
	const valuesOf = (frames: readonly MetricFrame[], runId: string, key: string) =>
		frames.filter((frame) => frame.runId === runId && frame.key === key).flatMap(({ values }) => [...values]);

	test('four writers and a reader that reconnects all the time: every point once, in order', async () => {
		const runs = await launch();
		const writers = await Promise.all(runs.map(() => leaseNext(it)));
		const batches = 40;
		const writing = writers.map(async ({ lease }) => {
			for (let sequence = 1; sequence <= batches; sequence++) {
				const series = ['loss', 'accuracy'].flatMap(
					(key) => batchOf(1, key, sequence, [sequence, sequence + 0.5]).series,
				);
				ok(await it.engine.logMetrics(lease, { sequence, series }));
			}
		});
		const runIds = runs.map(({ id }) => id);
		const received: MetricFrame[] = [];
		const points = () => received.reduce((sum, { values }) => sum + values.length, 0);
		const wanted = runs.length * 2 * 2 * batches;
		for (let cut = 1; points() < wanted; cut = (cut % 7) + 1) {
			const after = received.at(-1)?.cursor ?? null;
			const open = (signal: AbortSignal) => it.engine.metricStream({ runIds, keys: null, after }, signal);
			received.push(...(await take(open, (frames) => frames.length >= cut || points() + sum(frames) >= wanted)));
		}
		await Promise.all(writing);
		const expected = Array.from({ length: batches }, (_, index) => [index + 1, index + 1.5]).flat();
		for (const id of runIds) {
			expect(valuesOf(received, id, 'loss')).toEqual(expected);
			expect(valuesOf(received, id, 'accuracy')).toEqual(expected);
		}
	});
	const sum = (frames: readonly MetricFrame[]) => frames.reduce((total, { values }) => total + values.length, 0);

	test('a reader that does not come costs nothing, then gets few large frames', async () => {
		const [run] = await launch({ seeds: [0], strategies: [{ kind: 'FROM_SCRATCH' }] });
		const { lease } = await leaseNext(it);
		const stream = it.engine.metricStream({ runIds: [run?.id ?? ''], keys: ['loss'], after: null }, stop.signal);
		const reader = stream[Symbol.asyncIterator]();
		const first = reader.next();
		ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [1])));
		expect((await first).value.values).toEqual(Float64Array.of(1));
		for (let sequence = 2; sequence <= 200; sequence++)
			ok(await it.engine.logMetrics(lease, batchOf(sequence, 'loss', sequence, [sequence])));
		const { value: merged } = await reader.next();
		expect(merged.values.length).toBe(199);
	});

	test('another process hears of news through the database', async () => {
		const other = createTestEngine(await clone.open());
		await Promise.all([it.engine.start(), other.engine.start()]);
		const [run] = await launch({ seeds: [0], strategies: [{ kind: 'FROM_SCRATCH' }] });
		const { lease } = await leaseNext(it);
		const stream = other.engine.metricStream({ runIds: [run?.id ?? ''], keys: null, after: null }, stop.signal);
		const reader = stream[Symbol.asyncIterator]();
		for (let sequence = 1; sequence <= 3; sequence++) {
			const next = reader.next();
			ok(await it.engine.logMetrics(lease, batchOf(sequence, 'loss', sequence, [sequence])));
			expect((await next).value).toMatchObject({ runId: run?.id, key: 'loss' });
		}
		// The listening connection breaks; what is sent meanwhile is not lost, since everything counts as news after it.
		await clone.database.query({
			name: '',
			text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'graft-news'`,
		});
		const next = reader.next();
		ok(await it.engine.logMetrics(lease, batchOf(4, 'loss', 4, [4])));
		expect((await next).value.values).toEqual(Float64Array.of(4));
		await Promise.all([it.engine.stop(), other.engine.stop()]);
	});

	test('points of an attempt that was superseded are not replayed', async () => {
		const [run] = await launch({ seeds: [0], strategies: [{ kind: 'FROM_SCRATCH' }] });
		const first = await leaseNext(it);
		ok(await it.engine.logMetrics(first.lease, batchOf(1, 'loss', 1, [1, 2])));
		ok(await it.engine.releaseRun(first.lease, 'test'));
		const second = await leaseNext(it);
		ok(await it.engine.logMetrics(second.lease, batchOf(1, 'loss', 1, [7])));
		const open = (signal: AbortSignal) =>
			it.engine.metricStream({ runIds: [run?.id ?? ''], keys: null, after: null }, signal);
		const [frame] = await take(open, () => true);
		expect(frame).toMatchObject({ attempt: 2, values: Float64Array.of(7) });
	});
});
