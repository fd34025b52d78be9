import { RESUME_KIND } from '@graft/domain/artifact';
import type { Lease } from '@graft/domain/lease';
import type { SummaryPoint } from '@graft/domain/metric';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitFile, createTestEngine, letLeaseRunOut, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, leaseNext } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let lease: Lease;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	const scene = await createScene(it);
	const launch = { ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' as const }], seeds: [0] };
	ok(await it.engine.launchComparison(launch));
	({ lease } = await leaseNext(it));
});
afterEach(() => clone.drop());

const log = async (sequence: number, first: number, values: readonly number[]) =>
	void ok(await it.engine.logMetrics(lease, batchOf(sequence, 'test_accuracy', first, values)));
const weights = (name: string, step: number) =>
	commitFile(it, lease, { name, text: `weights ${name} ${lease.attempt} ${step}`, step });
const state = (step: number) =>
	commitFile(it, lease, { kind: RESUME_KIND, name: 'state', text: `state ${step}`, step });
const takeOver = async () => {
	await letLeaseRunOut(clone.database, lease.runId);
	// A run that keeps losing its worker waits before it is handed out again.
	await clone.database.query({ name: '', text: 'UPDATE run SET crashes = 0' });
	({ lease } = await leaseNext(it));
};

describe('the checkpoint of a summary', () => {
	const checkpointOf = async (at: SummaryPoint) =>
		(await it.engine.summaries([{ runId: lease.runId, metric: 'test_accuracy', at }]))[0]?.checkpointId;

	test('is that of its step, committed before the points or after them, the newest of one step', async () => {
		await log(1, 1, [0.1, 0.5, 0.9, 0.3]);
		expect(await checkpointOf('BEST')).toBeNull();
		const best = await weights('best', 3);
		expect([await checkpointOf('BEST'), await checkpointOf('LAST')]).toEqual([best.id, null]);
		const early = await weights('final', 5);
		expect(await checkpointOf('LAST')).toBeNull();
		await log(2, 5, [0.2]);
		expect([await checkpointOf('BEST'), await checkpointOf('LAST')]).toEqual([best.id, early.id]);
		const again = await weights('again', 3);
		expect(await checkpointOf('MAX')).toBe(again.id);
		await commitFile(it, lease, { name: 'notes', kind: 'file', text: 'no weights', step: 1 });
		expect(await checkpointOf('MIN')).toBeNull();
		await log(3, 6, [0.95]);
		expect([await checkpointOf('BEST'), await checkpointOf('LAST')]).toEqual([null, null]);
	});

	test('is never one of a step that an attempt which resumed has trained again', async () => {
		await log(1, 1, [0.1, 0.5, 0.6, 0.9]);
		const [two, four] = [await weights('two', 2), await weights('four', 4)];
		await state(2);
		expect(await checkpointOf('BEST')).toBe(four.id);
		await takeOver();
		expect([await checkpointOf('BEST'), await checkpointOf('LAST')]).toEqual([two.id, two.id]);
		await log(1, 3, [0.6, 0.8]);
		expect(await checkpointOf('BEST')).toBeNull();
		const replaced = await weights('four', 4);
		expect([await checkpointOf('BEST'), await checkpointOf('LAST')]).toEqual([replaced.id, replaced.id]);
	});

	test('goes with the points of an attempt that began anew', async () => {
		await log(1, 1, [0.5]);
		const first = await weights('final', 1);
		const { digest } = await state(1);
		await takeOver();
		expect(await checkpointOf('BEST')).toBe(first.id);
		ok(await it.engine.refuseCheckpoint(lease, digest, 'broken'));
		await log(1, 1, [0.5]);
		expect(await checkpointOf('BEST')).toBeNull();
	});
});

test('what an attempt superseded is read by the number of the one before it', async () => {
	const series = async (attempt: number | null) => {
		const query = { keys: ['test_accuracy'], buckets: 100, from: null, to: null, x: 'STEP' as const };
		const answer = ok(await it.engine.metricSeries({ runIds: [lease.runId], ...query, attempt }));
		return answer.map(({ steps, mean }) => [[...steps], [...mean]]);
	};
	await log(1, 1, [1, 2, 3, 4]);
	await state(2);
	await takeOver();
	await log(1, 3, [30]);
	await takeOver();
	await log(1, 3, [300, 400]);
	const third = [
		[
			[1, 2, 3, 4],
			[1, 2, 300, 400],
		],
	];
	expect(await series(null)).toEqual(third);
	expect(await series(3)).toEqual(third);
	expect(await series(2)).toEqual([
		[
			[1, 2, 3],
			[1, 2, 30],
		],
	]);
	expect(await series(1)).toEqual([
		[
			[1, 2, 3, 4],
			[1, 2, 3, 4],
		],
	]);
	expect(await series(4)).toEqual([]);
	const wrong = { keys: ['x'], buckets: 10, from: null, to: null, x: 'STEP' as const, attempt: 0 };
	expect(await it.engine.metricSeries({ runIds: [lease.runId], ...wrong })).toMatchObject({ field: 'attempt' });
});

test('a query that was not asked before sees the newest points and attempts, whatever was looked at a moment ago', async () => {
	const ask = async (engine: TestEngine['engine'], buckets: number) => {
		const query = { keys: ['test_accuracy'], buckets, from: null, to: null, x: 'STEP' as const };
		const [series] = ok(await engine.metricSeries({ runIds: [lease.runId], ...query }));
		return series;
	};
	// The same by an engine that has not looked before.
	const afresh = (buckets: number) => ask(createTestEngine(clone.database).engine, buckets);
	await log(1, 1, [1, 2, 3, 4]);
	expect([...((await ask(it.engine, 500))?.steps ?? [])]).toEqual([1, 2, 3, 4]);
	await log(2, 5, [5]);
	expect([...((await ask(it.engine, 501))?.steps ?? [])]).toEqual([1, 2, 3, 4, 5]);
	// It was five points a moment ago, and is too long for single steps now.
	await log(
		3,
		6,
		Array.from({ length: 5_000 }, (_, at) => at),
	);
	const grown = await ask(it.engine, 502);
	expect(grown).toEqual(await afresh(502));
	expect([grown?.points, (grown?.steps.length ?? 0) <= 502]).toEqual([5_005, true]);
	await state(3);
	await takeOver();
	const resumed = await ask(it.engine, 503);
	expect(resumed).toEqual(await afresh(503));
	expect([...(resumed?.steps ?? [])]).toEqual([1, 2, 3]);
	// What was answered by what was remembered is kept under the version that it was read at.
	expect(await ask(it.engine, 503)).toEqual(resumed);
	await log(1, 4, [40]);
	expect([...((await ask(it.engine, 503))?.mean ?? [])]).toEqual([1, 2, 3, 40]);
});
