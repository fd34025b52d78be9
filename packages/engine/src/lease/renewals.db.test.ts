import type { Progress } from '@graft/domain/run';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { untilBlocked } from '@graft/testing/race';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, letLeaseRunOut, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, finish, leaseNext, type Scene } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
});
afterEach(() => clone.drop());

const at = (step: number): Progress => ({ phase: 1, epoch: 1, epochs: 2, step, steps: 10, etaSeconds: null });

async function holders(count: number) {
	const strategies = [{ kind: 'FROM_SCRATCH' as const }];
	ok(
		await it.engine.launchComparison({
			...scene.launch,
			strategies,
			seeds: Array.from({ length: count }, (_, seed) => seed),
		}),
	);
	return Promise.all(Array.from({ length: count }, () => leaseNext(it)));
}
const expiryOf = async (runId: string) =>
	(await it.engine.attemptsByRuns([runId])).findLast(({ endedAt }) => endedAt === null)?.leaseExpiresAt.getTime() ?? 0;

test('renewals of one moment are each fenced, answered and noted by themselves', async () => {
	const [held, moved, ended, cancelled, taken] = await holders(5);
	if (!held || !moved || !ended || !cancelled || !taken) throw new Error('five runs were launched');
	ok(await finish(it, ended.lease));
	ok(await it.engine.changeRuns([cancelled.run.id], 'cancel'));
	await letLeaseRunOut(clone.database, taken.run.id);
	const next = await leaseNext(it);
	expect(next.run.id).toBe(taken.run.id);
	const before = await expiryOf(held.run.id);
	const stranger = { runId: held.run.id, token: 'another' };
	const answers = await Promise.all(
		[held.lease, moved.lease, ended.lease, cancelled.lease, taken.lease, next.lease, stranger].map((lease) =>
			it.engine.renewLease(lease, lease === moved.lease ? at(3) : null),
		),
	);
	expect(answers.map((answer) => ({ ...answer, expiresAt: 0 }))).toMatchObject([
		{ kind: 'LeaseRenewed', cancelRequested: false },
		{ kind: 'LeaseRenewed', cancelRequested: false },
		{ kind: 'LeaseLost', reason: expect.stringMatching(/has finished/) },
		{ kind: 'LeaseRenewed', cancelRequested: true },
		{ kind: 'LeaseLost', reason: expect.stringMatching(/ran out/) },
		{ kind: 'LeaseRenewed', cancelRequested: false },
		{ kind: 'LeaseLost', reason: expect.stringMatching(/not a lease of this run/) },
	]);
	expect(await expiryOf(held.run.id)).toBeGreaterThan(before);
	expect((await it.engine.run(moved.run.id))?.progress).toEqual(at(3));
	expect((await it.engine.run(held.run.id))?.progress).toBeNull();
});

test('a run that somebody is at work on holds up its own renewal alone', async () => {
	const [busy, other] = await holders(2);
	if (!busy || !other) throw new Error('two runs were launched');
	const session = await clone.open();
	const answers: Promise<unknown>[] = [];
	await session.transaction(async (work) => {
		await work.query({ name: '', text: 'SELECT FROM attempt WHERE run_id = $1 FOR UPDATE' }, [busy.run.id]);
		answers.push(it.engine.renewLease(busy.lease, at(1)), it.engine.renewLease(other.lease, at(2)));
		expect(await answers[1]).toMatchObject({ kind: 'LeaseRenewed' });
		await untilBlocked(clone.database, 1);
		const text = `UPDATE attempt SET ended_at = now(), outcome = 'EXPIRED' WHERE run_id = $1`;
		await work.query({ name: '', text }, [busy.run.id]);
	});
	expect(await answers[0]).toMatchObject({ kind: 'LeaseLost' });
	expect((await it.engine.run(busy.run.id))?.progress).toBeNull();
	expect((await it.engine.run(other.run.id))?.progress).toEqual(at(2));
});

test('progress that its run had locked out is told with the next renewal', async () => {
	const [held] = await holders(1);
	if (!held) throw new Error('a run was launched');
	const session = await clone.open();
	await session.transaction(async (work) => {
		await work.query({ name: '', text: 'SELECT FROM run WHERE id = $1 FOR UPDATE' }, [held.run.id]);
		expect(await it.engine.renewLease(held.lease, at(1))).toMatchObject({ kind: 'LeaseRenewed' });
	});
	expect((await it.engine.run(held.run.id))?.progress).toBeNull();
	ok(await it.engine.renewLease(held.lease, at(1)));
	expect((await it.engine.run(held.run.id))?.progress).toEqual(at(1));
});
