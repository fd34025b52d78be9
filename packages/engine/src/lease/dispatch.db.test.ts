import { pickRun, type Standing } from '@graft/database/attempt';
import { meetsRequirements, type RunRequirements } from '@graft/domain/worker';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RegisterWorkerInput } from '../contract/inputs.js';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, finish, leaseNext, type Scene, trainer } from '../testing/scene.js';
import { createStandings } from '../worker/standings.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
});
afterEach(() => clone.drop());

const launch = (over = {}) =>
	it.engine
		.launchComparison({ ...scene.launch, strategies: [{ kind: 'FEATURE_EXTRACTION' }], seeds: [0], ...over })
		.then(ok);
const experimentOf = async (name: string) =>
	ok(await it.engine.createExperiment({ name, description: null, metric: 'test_accuracy', direction: 'MAXIMIZE' })).id;
const workerOf = async (over: Partial<RegisterWorkerInput> = {}) =>
	ok(await it.engine.registerWorker({ ...trainer, ...over })).worker.id;

test('experiments take turns: the one that trains fewest runs is next, then the older run', async () => {
	const large = await launch({ seeds: [0, 1, 2, 3] });
	const small = await launch({ experimentId: await experimentOf('small'), seeds: [0, 1] });
	const leases = [await leaseNext(it), await leaseNext(it), await leaseNext(it), await leaseNext(it)];
	const [l0, s0, l1, s1] = [large[0]?.id, small[0]?.id, large[1]?.id, small[1]?.id];
	expect(leases.map(({ run }) => run.id)).toEqual([l0, s0, l1, s1]);
	// What has ended does not count: the large experiment trains one now, the small one two.
	ok(await finish(it, leases[0]?.lease as never));
	const again = await launch({
		experimentId: small[0]?.experimentId,
		seeds: [5],
		strategies: [{ kind: 'FULL_FINE_TUNE' }],
	});
	expect((await leaseNext(it)).run.id).toBe(large[2]?.id);
	expect((await leaseNext(it)).run.id).toBe(large[3]?.id);
	expect((await leaseNext(it)).run.id).toBe(again[0]?.id);
});

test('priority comes before fairness', async () => {
	const urgent = await launch({ seeds: [0, 1], priority: 2 });
	const other = await launch({ experimentId: await experimentOf('other') });
	const order = [await leaseNext(it), await leaseNext(it), await leaseNext(it)].map(({ run }) => run.id);
	expect(order).toEqual([urgent[0]?.id, urgent[1]?.id, other[0]?.id]);
});

test('a run goes to a worker that has what it asks for, and to no other', async () => {
	const requires = { backend: 'tensorflow-gpu', memoryBytes: 2 ** 34, labels: { gpu: 'a100' } };
	const [picky] = await launch({ requires });
	const [plain] = await launch({ seeds: [1] });
	expect(await it.engine.run(picky?.id ?? '')).toMatchObject({ requires });
	const [small, fit] = [await workerOf(), await workerOf({ ...requires, labels: { gpu: 'a100', room: '2' } })];
	expect(await it.engine.leaseRun(small)).toMatchObject({ run: { id: plain?.id } });
	const other = await workerOf();
	expect(await it.engine.leaseRun(other)).toMatchObject({ kind: 'NothingToDo' });
	const standings = createStandings(clone.database);
	const hasWork = async (id: string) => standings.hasWork((await standings.of(id)) as Standing);
	expect(await Promise.all([other, fit].map(hasWork))).toEqual([false, true]);
	expect(await it.engine.leaseRun(fit)).toMatchObject({ run: { id: picky?.id } });
	expect(await launchRefused({ requires: { memoryBytes: -1 } })).toMatchObject({ field: 'requires.memoryBytes' });
});
const launchRefused = (over: object) => it.engine.launchComparison({ ...scene.launch, ...over });

test('the database and the domain agree on who meets what', async () => {
	const workers: Pick<RegisterWorkerInput, 'backend' | 'memoryBytes' | 'labels'>[] = [
		{ backend: 'wasm', memoryBytes: null, labels: {} },
		{ backend: 'wasm', memoryBytes: 8, labels: { a: '1', b: '2' } },
		{ backend: 'tensorflow', memoryBytes: 16, labels: { a: '1', c: [1] } },
	];
	const asked: RunRequirements[] = [
		...[{}, { backend: 'wasm' }, { memoryBytes: 1 }, { memoryBytes: 8 }, { memoryBytes: 9 }],
		...[{ labels: { a: '1' } }, { labels: { a: '1', b: '2' } }, { labels: { c: '1' } }, { labels: { b: '1' } }],
		{ backend: 'tensorflow', memoryBytes: 16, labels: { a: '1' } },
	];
	const ids = await Promise.all(workers.map((worker) => workerOf(worker)));
	for (const [index, requires] of asked.entries()) {
		const [run] = await launch({ requires, seeds: [index] });
		for (const [at, worker] of workers.entries()) {
			const picked = (await pickRun(clone.database, ids[at] ?? ''))?.id ?? null;
			expect([requires, worker, picked]).toEqual([
				requires,
				worker,
				meetsRequirements(worker, requires) ? run?.id : null,
			]);
		}
		ok(await it.engine.changeRuns([run?.id ?? ''], 'delete'));
	}
});

test('a long queue that this worker cannot train costs it a probe for each kind, not for each run', async () => {
	await launch({ requires: { labels: { gpu: 'a100' } } });
	await clone.database.query({
		name: '',
		text: `INSERT INTO run (id, experiment_id, name, status, config, spec, priority, requires, queued_at)
			SELECT gen_random_uuid(), experiment_id, name, status, '{}', '{}', n % 3,
				CASE WHEN n % 2 = 0 THEN requires ELSE '{"backend": "webgpu"}' END, now() + n * interval '1 microsecond'
			FROM run, generate_series(1, 5000) AS n WHERE status = 'QUEUED'`,
	});
	await clone.database.query({ name: '', text: 'ANALYZE run' });
	const [own] = await launch({ seeds: [7], priority: -1 });
	const worker = await workerOf();
	await clone.database.transaction(async (session) => {
		// What the connection did shortly before may still be counted with it.
		const read = async () => {
			const text = `SELECT seq_tup_read + idx_tup_fetch AS rows FROM pg_stat_xact_user_tables WHERE relname = 'run'`;
			return (await session.query<{ rows: number }>({ name: '', text }))[0]?.rows ?? 0;
		};
		const before = await read();
		expect((await pickRun(session, worker))?.id).toBe(own?.id);
		expect((await read()) - before).toBeLessThan(30);
	});
});
