import type { Database } from '@graft/database/connection';
import type { MetricFrame } from '@graft/domain/metric';
import { createLogger } from '@graft/runtime/logger';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { until } from '@graft/testing/race';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunUpdate } from '../contract/inputs.js';
import { createEngine } from '../create-engine.js';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext, type Scene, trainer } from '../testing/scene.js';

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

/** Takes frames until `enough` says so, then leaves the stream as a client does that loses its connection. */
async function take<T>(
	open: (signal: AbortSignal) => AsyncIterable<T>,
	enough: (frames: readonly T[]) => boolean,
): Promise<T[]> {
	const leave = new AbortController();
	const frames: T[] = [];
	for await (const frame of open(leave.signal)) {
		frames.push(frame);
		if (enough(frames)) leave.abort();
	}
	return frames;
}

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

describe('streams of runs that are gone for good', () => {
	const open = (runIds: readonly string[]): readonly AsyncIterable<unknown>[] => [
		it.engine.metricStream({ runIds, keys: null, after: null }, stop.signal),
		it.engine.liveMetrics({ runIds, keys: null, after: null, replay: true }, stop.signal),
		it.engine.logStream({ runId: runIds[0] ?? '', after: null }, stop.signal),
		it.engine.runUpdates({ experimentId: null, runIds, after: null }, stop.signal),
	];
	const endOf = async (stream: AsyncIterable<unknown>): Promise<unknown> => {
		try {
			for await (const _ of stream);
			return 'no name';
		} catch (error) {
			return (error as { code?: unknown }).code;
		}
	};

	test('end with a name when another process purges the last of them', async () => {
		const [gone, kept] = await launch({ seeds: [0, 1], strategies: [{ kind: 'FROM_SCRATCH' }] });
		const settings = { ...it.settings, trashSeconds: 0, housekeepingSeconds: 0.05 };
		const logger = createLogger('test', 'error');
		const house = createEngine({ database: await clone.open(), artifactStore: it.store, settings, logger });
		await Promise.all([it.engine.start(), house.start()]);
		const ends = Promise.all(open([gone?.id ?? '']).map(endOf));
		const leaving = new AbortController();
		const both = it.engine.metricStream(
			{ runIds: [gone?.id ?? '', kept?.id ?? ''], keys: null, after: null },
			leaving.signal,
		);
		const ofBoth = endOf(both);
		ok(await it.engine.changeRuns([gone?.id ?? ''], 'cancel'));
		ok(await it.engine.changeRuns([gone?.id ?? ''], 'delete'));
		expect(await ends).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
		// One of two is there: the stream goes on until its reader leaves.
		leaving.abort();
		expect(await ofBoth).toBe('no name');
		await Promise.all([it.engine.stop(), house.stop()]);
	});

	test('end at once where nothing of that name ever was', async () => {
		const ends = open(['00000000-0000-4000-8000-000000000000']).map(endOf);
		expect(await Promise.all(ends)).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
	});
});

describe('runUpdates', () => {
	const updates = (after: string | null, signal: AbortSignal) =>
		it.engine.runUpdates({ experimentId: scene.experiment.id, runIds: null, after }, signal);

	test('begins with the runs as they stand, then tells what changed', async () => {
		const runs = await launch();
		const reader = updates(null, stop.signal)[Symbol.asyncIterator]();
		const first: string[] = [];
		for (const _ of runs) first.push((await reader.next()).value.run.id);
		expect(first.toSorted()).toEqual(runs.map(({ id }) => id).toSorted());
		const next = reader.next();
		const { lease } = await leaseNext(it);
		expect((await next).value).toMatchObject({
			run: { id: lease.runId, status: 'RUNNING' },
			changed: ['status', 'startedAt'],
		});
		const progress = { phase: 0, epoch: 1, epochs: 2, step: 10, steps: 20, etaSeconds: 3 };
		ok(await it.engine.renewLease(lease, progress));
		expect((await reader.next()).value).toMatchObject({ run: { progress }, changed: ['progress'] });
		ok(await finish(it, lease));
		expect((await reader.next()).value).toMatchObject({ changed: ['status', 'finishedAt'] });
		ok(await it.engine.changeRuns([lease.runId], 'delete'));
		expect((await reader.next()).value).toMatchObject({ changed: ['deleted'] });
		ok(await it.engine.changeRuns([lease.runId], 'restore'));
		expect((await reader.next()).value).toMatchObject({ changed: expect.arrayContaining(['status', 'name']) });
	});

	test('a transaction that commits late is not missed by a reader that has seen later ones', async () => {
		const [slow, fast] = await launch({ seeds: [0] });
		const reader = updates(null, stop.signal)[Symbol.asyncIterator]();
		let cursor = '';
		for (let frame = 0; frame < 2; frame++) cursor = (await reader.next()).value.cursor;
		const other = await clone.open();
		await other.transaction(async (session) => {
			// It has its number now, and commits after the one below, which has a higher one.
			await session.query({ name: '', text: `UPDATE run SET name = 'slow' WHERE id = $1` }, [slow?.id]);
			ok(await it.engine.tagRuns([fast?.id ?? ''], { add: ['fast'], remove: [] }));
			const { value } = await reader.next();
			expect(value).toMatchObject({ run: { id: fast?.id }, changed: ['tags'] });
			cursor = value.cursor;
		});
		// On the same stream, and on one that continues from the cursor of the later change.
		ok(await it.engine.tagRuns([fast?.id ?? ''], { add: ['again'], remove: [] }));
		const names = async (stream: AsyncIterator<RunUpdate>) => [
			(await stream.next()).value.run.name,
			(await stream.next()).value.run.tags,
		];
		expect(await names(reader)).toEqual(['slow', ['fast', 'again']]);
		const resumed = await take(
			(signal) => updates(cursor, signal),
			(frames) => frames.length === 2,
		);
		expect(resumed.map(({ run }) => run.name).includes('slow')).toBe(true);
		expect(resumed.map(({ run }) => run.id).toSorted()).toEqual([slow?.id, fast?.id].toSorted());
	});

	test('concurrent writers and a reader that reconnects: the last frame of each run is its last state', async () => {
		const runs = await launch({ seeds: [0, 1, 2, 3, 4] });
		const ids = runs.map(({ id }) => id);
		let done = false;
		const writing = Promise.all(
			[0, 1, 2, 3].map(async (writer) => {
				for (let change = 0; change < 25; change++) {
					const id = ids[(writer * 7 + change * 3) % ids.length] as string;
					ok(await it.engine.tagRuns([id], { add: [`w${writer}c${change}`], remove: [] }));
				}
			}),
		).then(() => {
			done = true;
		});
		const last = new Map<string, RunUpdate>();
		const seen = new Set<string>();
		let cursor: string | null = null;
		const complete = async () =>
			done &&
			(
				await it.engine
					.runs({ first: 100, after: null, filter: { experimentId: scene.experiment.id }, orderBy: [] })
					.then(ok)
			).items.every(({ node }) => last.get(node.id)?.run.revision === node.revision);
		for (let cut = 1; !(await complete()); cut = (cut % 5) + 1) {
			for (const update of await take(
				(signal) => updates(cursor, signal),
				(frames) => frames.length >= cut || (done && frames.length >= 1),
			)) {
				const key = `${update.run.id} ${update.run.revision}`;
				expect(seen.has(key)).toBe(false);
				seen.add(key);
				expect(update.run.revision).toBeGreaterThan(last.get(update.run.id)?.run.revision ?? 0);
				last.set(update.run.id, update);
				cursor = update.cursor;
			}
		}
		await writing;
		expect([...last.values()].flatMap(({ run }) => run.tags)).toHaveLength(100);
	});

	test('a launch of many runs in one transaction may be cut anywhere', async () => {
		const runs = await launch({ seeds: Array.from({ length: 150 }, (_, seed) => seed) });
		const ids: string[] = [];
		let cursor: string | null = null;
		while (ids.length < runs.length) {
			for (const update of await take(
				(signal) => updates(cursor, signal),
				(frames) => frames.length >= 37 || ids.length + frames.length === runs.length,
			)) {
				ids.push(update.run.id);
				cursor = update.cursor;
			}
		}
		expect(new Set(ids).size).toBe(300);
		expect(ids).toHaveLength(300);
		expect((cursor ?? '').length).toBeLessThan(400);
	});
});

describe('logStream, sweepUpdates, workerCommands', () => {
	test('log lines: replay from a cursor in the middle, then live', async () => {
		const [run] = await launch({ seeds: [0], strategies: [{ kind: 'FROM_SCRATCH' }] });
		const { lease } = await leaseNext(it);
		ok(await it.engine.logLines(lease, 1, ['one', 'two', 'three']));
		expect(ok(await it.engine.logLines(lease, 1, ['one', 'two', 'three']))).toMatchObject({ duplicate: true });
		const [, two] = await it.engine.logLinesOf(run?.id ?? '', { after: null, first: 10, search: null });
		const stream = it.engine.logStream({ runId: run?.id ?? '', after: two?.cursor ?? null }, stop.signal);
		const reader = stream[Symbol.asyncIterator]();
		expect((await reader.next()).value.lines).toEqual(['three']);
		const next = reader.next();
		ok(await it.engine.logLines(lease, 2, ['four \0 and half a pair \ud800']));
		expect((await next).value.lines).toEqual(['four \ufffd and half a pair \ufffd']);
	});

	test('a sweep is told of when it or a trial changes, and finishes with its last trial', async () => {
		const { backboneIds, datasetIds, strategies: _, experimentId: __, ...base } = scene.launch;
		const sweep = ok(
			await it.engine.launchSweep({
				...{ experimentId: scene.experiment.id, name: 'rates', method: 'GRID', trials: 10, seed: 0 },
				space: { 'strategy.learningRate': { values: [0.1, 0.01] } },
				base: {
					...base,
					seeds: [0],
					backboneId: backboneIds[0] ?? '',
					datasetId: datasetIds[0] ?? '',
					strategy: { kind: 'FULL_FINE_TUNE' },
				},
			}),
		);
		const reader = it.engine.sweepUpdates({ sweepId: sweep.id, after: null }, stop.signal)[Symbol.asyncIterator]();
		expect((await reader.next()).value.sweep.status).toBe('RUNNING');
		const leases = [await leaseNext(it), await leaseNext(it)];
		const answers = await Promise.all(leases.map(({ lease }) => finish(it, lease)));
		expect(answers.map((answer) => ok(answer).status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
		let status = '';
		for (let frames = 0; frames < 6 && status !== 'FINISHED'; frames++)
			status = (await reader.next()).value.sweep.status;
		expect(status).toBe('FINISHED');
	});

	test('a worker hears of work when it is idle, and of a cancel when it holds the run', async () => {
		const { worker } = ok(await it.engine.registerWorker(trainer));
		const reader = it.engine.workerCommands(worker.id, stop.signal)[Symbol.asyncIterator]();
		const first = reader.next();
		await launch();
		expect((await first).value).toEqual({ kind: 'WORK_AVAILABLE', runId: null });
		const leased = ok(await it.engine.leaseRun(worker.id));
		if (leased.kind !== 'LeasedRun') throw new Error('nothing to do');
		const next = reader.next();
		// More work is no news for a worker whose slots are taken.
		await launch({ seeds: [7] });
		ok(await it.engine.changeRuns([leased.run.id], 'cancel'));
		expect((await next).value).toEqual({ kind: 'CANCEL_RUN', runId: leased.run.id });
	});

	test('what was asked while the worker was away is told when it comes back', async () => {
		await launch({ seeds: [0], strategies: [{ kind: 'FROM_SCRATCH' }] });
		const { run, workerId } = await leaseNext(it);
		ok(await it.engine.changeRuns([run.id], 'pause'));
		const [command] = await take(
			(signal) => it.engine.workerCommands(workerId, signal),
			() => true,
		);
		expect(command).toEqual({ kind: 'PAUSE_RUN', runId: run.id });
	});

	test('every stream ends when its signal aborts and when the engine stops', async () => {
		const [run] = await launch({ seeds: [0], strategies: [{ kind: 'FROM_SCRATCH' }] });
		const runId = run?.id ?? '';
		const { worker } = ok(await it.engine.registerWorker(trainer));
		const open = (signal: AbortSignal): AsyncIterable<unknown>[] => [
			it.engine.metricStream({ runIds: [runId], keys: null, after: null }, signal),
			it.engine.logStream({ runId, after: null }, signal),
			it.engine.runUpdates({ experimentId: null, runIds: [runId], after: null }, signal),
			it.engine.workerCommands(worker.id, signal),
		];
		const drain = async (stream: AsyncIterable<unknown>) => {
			for await (const _ of stream);
		};
		const aborted = new AbortController();
		const draining = Promise.all([...open(aborted.signal), ...open(stop.signal)].map(drain));
		await idle(clone.database);
		aborted.abort();
		await it.engine.stop();
		await draining;
	});
});

/** Until no statement runs: every stream has read what there is and waits. */
async function idle(database: Database): Promise<void> {
	const text = `SELECT count(*) AS busy FROM pg_stat_activity
		WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()`;
	let quiet = 0;
	await until(async () => {
		const [row] = await database.query<{ busy: number }>({ name: 'busy-sessions', text });
		quiet = row?.busy === 0 ? quiet + 1 : 0;
		return quiet > 5;
	});
}
