import type { Database } from '@graft/database/connection';
import { createLogger } from '@graft/runtime/logger';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { until } from '@graft/testing/race';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEngine } from '../create-engine.js';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, finish, leaseNext, type Scene, trainer } from '../testing/scene.js';
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
