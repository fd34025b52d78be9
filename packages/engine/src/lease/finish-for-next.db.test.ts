import { randomBytes, randomUUID } from 'node:crypto';
import type { Lease } from '@graft/domain/lease';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { race } from '@graft/testing/race';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, letLeaseRunOut, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, FINISHED, finish, type Scene, trainer } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
});
afterEach(() => clone.drop());

const newToken = () => randomBytes(32).toString('base64url');
const launch = async (over = {}) =>
	ok(
		await it.engine.launchComparison({
			...scene.launch,
			strategies: [{ kind: 'FEATURE_EXTRACTION' }],
			seeds: [0],
			...over,
		}),
	);
const register = async (over = {}) => ok(await it.engine.registerWorker({ ...trainer, ...over })).worker.id;
async function leaseOf(workerId: string): Promise<Lease> {
	const leased = ok(await it.engine.leaseRun(workerId));
	if (leased.kind !== 'LeasedRun') throw new Error('the queue is empty');
	return leased.lease;
}
const finishFor = (lease: Lease, workerId: string, token = newToken()) =>
	it.engine.finishRun({ ...FINISHED, lease, next: { workerId, token } });
const held = async (workerId: string) => (await it.engine.runsByWorkers([workerId])).map(({ id }) => id);

test('the end of a run brings the next one to the slot that becomes free, by priority, then fairness, then age', async () => {
	const question = { description: null, metric: 'test_accuracy', direction: 'MAXIMIZE' as const };
	const other = ok(await it.engine.createExperiment({ ...question, name: 'other' }));
	const workerId = await register();
	const [first] = await launch();
	const lease = await leaseOf(workerId);
	expect(lease.runId).toBe(first?.id);
	const [older, younger] = [(await launch({ seeds: [1] }))[0], (await launch({ seeds: [2] }))[0]];
	const [urgent] = await launch({ seeds: [3], priority: 1 });
	const [elsewhere] = await launch({ experimentId: other.id });
	const token = newToken();
	const ended = ok(await finishFor(lease, workerId, token));
	expect(ended).toMatchObject({
		run: { id: lease.runId, status: 'SUCCEEDED' },
		next: { kind: 'LeasedRun', run: { id: urgent?.id, status: 'RUNNING' }, lease: { token, attempt: 1 } },
	});
	expect(await held(workerId)).toEqual([urgent?.id]);
	// No experiment trains once this one has ended: so the older run is next, and then the other experiment's turn.
	const given: (string | undefined)[] = [];
	let lastLease = ended.next?.kind === 'LeasedRun' ? ended.next.lease : lease;
	for (let turn = 0; turn < 3; turn += 1) {
		const { next } = ok(await finishFor(lastLease, workerId));
		if (next?.kind !== 'LeasedRun') throw new Error(JSON.stringify(next));
		given.push(next.run.id);
		lastLease = next.lease;
	}
	expect(given).toEqual([older?.id, younger?.id, elsewhere?.id]);
	expect(ok(await finishFor(lastLease, workerId)).next).toMatchObject({ kind: 'NothingToDo', draining: false });
	expect(ok(await finish(it, lastLease)).status).toBe('SUCCEEDED');
});

test('asked again, even at once, it is the same end and the same lease', async () => {
	await launch({ seeds: [0, 1, 2] });
	const workerId = await register();
	const lease = await leaseOf(workerId);
	const token = newToken();
	const answers = await race(Array.from({ length: 5 }, () => () => finishFor(lease, workerId, token)));
	const nexts = answers.map((answer) => {
		const ended = answer.status === 'fulfilled' ? ok(answer.value) : null;
		if (ended?.next?.kind !== 'LeasedRun') throw new Error(JSON.stringify(answer));
		return `${ended.run.status} ${ended.next.lease.runId} ${ended.next.lease.attempt} ${ended.next.lease.token}`;
	});
	expect(new Set(nexts).size).toBe(1);
	expect(await held(workerId)).toHaveLength(1);
	// By leaseRun too: a trainer whose seat died before it could say what it was given.
	expect(ok(await it.engine.leaseRun(workerId, token))).toMatchObject({ lease: { token, attempt: 1 } });
	expect((await it.engine.events(lease.runId, null, 100)).filter(({ kind }) => kind === 'FINISHED')).toHaveLength(1);
});

test('eight workers that end at once get eight runs', async () => {
	await launch({ seeds: Array.from({ length: 16 }, (_, seed) => seed) });
	const workers = await Promise.all(Array.from({ length: 8 }, () => register()));
	const leases = await Promise.all(workers.map(leaseOf));
	const answers = await race(leases.map((lease, at) => () => finishFor(lease, workers[at] ?? '')));
	const runs = answers.map((answer) => {
		const next = answer.status === 'fulfilled' ? ok(answer.value).next : null;
		return next?.kind === 'LeasedRun' ? next.run.id : answer;
	});
	expect(new Set([...runs, ...leases.map(({ runId }) => runId)]).size).toBe(16);
});

test('a token that lost its lease ends nothing and is given nothing', async () => {
	const [run] = await launch();
	const workerId = await register();
	const old = await leaseOf(workerId);
	await letLeaseRunOut(clone.database, old.runId);
	const successor = await leaseOf(await register());
	expect(successor).toMatchObject({ runId: run?.id, attempt: 2 });
	await launch({ seeds: [1] });
	expect(await finishFor(old, workerId)).toMatchObject({ kind: 'LeaseLost' });
	expect(await finishFor({ ...old, runId: randomUUID() }, workerId)).toMatchObject({ kind: 'LeaseLost' });
	expect(await finishFor({ ...old, runId: 'none' }, workerId)).toMatchObject({ kind: 'LeaseLost' });
	expect(await held(workerId)).toEqual([]);
	expect((await it.engine.run(old.runId))?.status).toBe('RUNNING');
});

test('who may be given nothing has ended the run all the same', async () => {
	await launch({ seeds: [0, 1, 2, 3] });
	const workerId = await register({ slots: 3 });
	const leases = [await leaseOf(workerId), await leaseOf(workerId), await leaseOf(workerId)];
	const end = async (at: number, asker: string, token?: string) => {
		const { run, next } = ok(await finishFor(leases[at] as Lease, asker, token));
		expect(run.status).toBe('SUCCEEDED');
		return next;
	};
	expect(await end(0, randomUUID())).toMatchObject({ kind: 'NotFound' });
	expect(await end(1, workerId, 'short')).toMatchObject({ kind: 'InvalidInput', field: 'token' });
	ok(await it.engine.drainWorker(workerId));
	expect(await end(2, workerId)).toMatchObject({ kind: 'NothingToDo', draining: true });
});

test('where the queue is empty a lease that ran out is taken back for it', async () => {
	await launch({ seeds: [0, 1] });
	const [workerId, silent] = [await register(), await register()];
	const lease = await leaseOf(workerId);
	const overdue = await leaseOf(silent);
	await letLeaseRunOut(clone.database, overdue.runId);
	expect(ok(await finishFor(lease, workerId)).next).toMatchObject({
		kind: 'LeasedRun',
		lease: { runId: overdue.runId, attempt: 2 },
	});
});
