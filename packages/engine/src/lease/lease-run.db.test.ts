import { randomBytes } from 'node:crypto';
import type { Lease } from '@graft/domain/lease';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { race, untilBlocked } from '@graft/testing/race';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
	commitFile,
	createTestEngine,
	letLeaseRunOut,
	letWaitPass,
	ok,
	type TestEngine,
} from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext, type Scene, trainer } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database, { maxAttempts: 3 });
	scene = await createScene(it);
});
afterEach(() => clone.drop());

const launchOne = (over = {}) =>
	it.engine
		.launchComparison({ ...scene.launch, strategies: [{ kind: 'FEATURE_EXTRACTION' }], seeds: [0], ...over })
		.then((runs) => ok(runs)[0] as { id: string });
const statusOf = async (id: string) => (await it.engine.run(id))?.status;
const outcomes = async (id: string) => (await it.engine.attemptsByRuns([id])).map(({ outcome }) => outcome);

/** Every row that a write of the run's holder could change. */
const everythingOf = (runId: string) =>
	Promise.all(
		[
			...[
				'run WHERE id = $1',
				'attempt WHERE run_id = $1',
				'run_event WHERE run_id = $1',
				'log_chunk WHERE run_id = $1',
			],
			...['metric_batch WHERE run_id = $1', 'metric_series WHERE run_id = $1', 'artifact WHERE run_id = $1'],
			'blob WHERE $1::uuid IS NOT NULL',
		].map((rows) =>
			clone.database.query(
				{ name: '', text: `SELECT to_jsonb(one) AS row FROM (SELECT * FROM ${rows} ORDER BY 1, 2) AS one` },
				[runId],
			),
		),
	);

describe('leaseRun', () => {
	test('of eight workers that ask at once, one gets the one run', async () => {
		const run = await launchOne();
		const workers = await Promise.all(Array.from({ length: 8 }, () => it.engine.registerWorker(trainer)));
		const answers = await race(workers.map((worker) => () => it.engine.leaseRun(ok(worker).worker.id)));
		const kinds = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.kind : answer.reason));
		expect(kinds.toSorted()).toEqual(['LeasedRun', ...Array(7).fill('NothingToDo')]);
		expect(await it.engine.attemptsByRuns([run.id])).toHaveLength(1);
	});

	test('eight workers that ask at once for eight runs get a run each', async () => {
		await launchOne({ seeds: [0, 1, 2, 3, 4, 5, 6, 7] });
		const leases = await race(Array.from({ length: 8 }, () => () => leaseNext(it)));
		const ids = leases.map((lease) => (lease.status === 'fulfilled' ? lease.value.run.id : lease.reason));
		expect(new Set(ids).size).toBe(8);
	});

	test('hands out by priority, then by age', async () => {
		const first = await launchOne();
		const second = await launchOne({ seeds: [1] });
		const urgent = await launchOne({ seeds: [2], priority: 1 });
		const order = [await leaseNext(it), await leaseNext(it), await leaseNext(it)].map(({ run }) => run.id);
		expect(order).toEqual([urgent.id, first.id, second.id]);
	});

	test('a worker holds as many runs as it has slots, however it asks', async () => {
		await launchOne({ seeds: [0, 1, 2, 3] });
		const { worker } = ok(await it.engine.registerWorker({ ...trainer, slots: 2 }));
		const answers = await race(Array.from({ length: 4 }, () => () => it.engine.leaseRun(worker.id)));
		const kinds = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.kind : answer.reason));
		expect(kinds.toSorted()).toEqual(['LeasedRun', 'LeasedRun', 'NothingToDo', 'NothingToDo']);
		expect(await it.engine.runsByWorkers([worker.id])).toHaveLength(2);
	});

	test('gives a worker that asks again with its token the lease that it has, and no second one', async () => {
		await launchOne({ seeds: [0, 1, 2] });
		const { worker } = ok(await it.engine.registerWorker({ ...trainer, slots: 2 }));
		const token = randomBytes(32).toString('base64url');
		const answers = await race(Array.from({ length: 4 }, () => () => it.engine.leaseRun(worker.id, token)));
		const leases = answers.map((answer) => {
			const leased = answer.status === 'fulfilled' ? ok(answer.value) : null;
			if (leased?.kind !== 'LeasedRun') throw new Error(JSON.stringify(answer));
			return leased;
		});
		expect(new Set(leases.map(({ lease }) => `${lease.runId} ${lease.attempt} ${lease.token}`)).size).toBe(1);
		expect(new Set(leases.map(({ spec }) => JSON.stringify(spec))).size).toBe(1);
		expect(await it.engine.runsByWorkers([worker.id])).toHaveLength(1);
		// Nobody else gets it by that token, a short one is refused, and one that has ended is not given again.
		const other = ok(await it.engine.registerWorker(trainer)).worker;
		expect(ok(await it.engine.leaseRun(other.id, token))).not.toMatchObject({
			lease: { runId: leases[0]?.lease.runId },
		});
		expect(await it.engine.leaseRun(worker.id, 'short')).toMatchObject({ kind: 'InvalidInput', field: 'token' });
		ok(await finish(it, leases[0]?.lease as Lease));
		expect(ok(await it.engine.leaseRun(worker.id, token))).toMatchObject({ kind: 'LeasedRun', lease: { attempt: 1 } });
	});

	test('gives the checkpoint again too', async () => {
		const run = await launchOne();
		const first = await leaseNext(it);
		await commitFile(it, first.lease, { name: 'resume', kind: 'resume', text: 'state', step: 7 });
		ok(await it.engine.releaseRun(first.lease, 'shutdown'));
		const { worker } = ok(await it.engine.registerWorker(trainer));
		const token = randomBytes(32).toString('base64url');
		for (let ask = 0; ask < 2; ask += 1) {
			expect(await it.engine.leaseRun(worker.id, token)).toMatchObject({
				kind: 'LeasedRun',
				lease: { runId: run.id, attempt: 2 },
				resumeFrom: { step: 7 },
			});
		}
	});

	test('knows its workers and leaves deleted and paused runs alone', async () => {
		expect(await it.engine.leaseRun('0'.repeat(8))).toMatchObject({ kind: 'NotFound' });
		const [deleted, paused] = [await launchOne(), await launchOne({ seeds: [1] })];
		ok(await it.engine.changeRuns([deleted.id], 'delete'));
		ok(await it.engine.changeRuns([paused.id], 'pause'));
		await expect(leaseNext(it)).rejects.toThrow('the queue is empty');
	});
});

describe('a lease that ran out', () => {
	test('goes to the next worker, and the old token writes nothing anywhere', async () => {
		const run = await launchOne();
		const old = await leaseNext(it);
		ok(await it.engine.logMetrics(old.lease, batchOf(1, 'loss', 1, [3])));
		await letLeaseRunOut(clone.database, run.id);
		const next = await leaseNext(it);
		expect(next.run.id).toBe(run.id);
		expect(next.lease.attempt).toBe(2);
		expect(await outcomes(run.id)).toEqual(['EXPIRED', null]);

		const file = { name: 'x', kind: 'checkpoint', step: null, partDigests: null, ...it.store.keep('x') };
		const before = await everythingOf(run.id);
		const writes = await Promise.all([
			it.engine.logMetrics(old.lease, batchOf(2, 'loss', 2, [2])),
			it.engine.logLines(old.lease, 1, ['late']),
			it.engine.recordEvent(old.lease, { kind: 'note', step: null, message: 'late', data: null }),
			it.engine.beginArtifact({ lease: old.lease, ...file }),
			it.engine.commitArtifact({ lease: old.lease, ...file }),
			it.engine.renewLease(old.lease, { phase: 1, epoch: 9, epochs: 9, step: 9, steps: 9, etaSeconds: 0 }),
			it.engine.refuseCheckpoint(old.lease, 'a'.repeat(64), 'late'),
			it.engine.releaseRun(old.lease, 'late'),
			finish(it, old.lease),
		]);
		expect(writes.map((answer) => 'kind' in answer && answer.kind)).toEqual(Array(9).fill('LeaseLost'));
		expect(await everythingOf(run.id)).toEqual(before);
		ok(await finish(it, next.lease));
	});

	test('is still its holder’s while nobody has taken the run back', async () => {
		const run = await launchOne();
		const { lease } = await leaseNext(it);
		await letLeaseRunOut(clone.database, run.id);
		expect(ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [3])))).toMatchObject({ duplicate: false });
		const { expiresAt } = ok(await it.engine.renewLease(lease, null));
		expect(expiresAt.getTime()).toBeGreaterThan(Date.now());
		await expect(leaseNext(it)).rejects.toThrow('the queue is empty');
	});

	test('runs out by the database’s clock, whatever the clocks of API processes say', async () => {
		const run = await launchOne();
		const { lease } = await leaseNext(it);
		for (const wrong of ['2001-01-01T00:00:00Z', '2099-01-01T00:00:00Z']) {
			const other = createTestEngine(clone.database, { maxAttempts: 3 }, () => new Date(wrong));
			await expect(leaseNext(other)).rejects.toThrow('the queue is empty');
			const { expiresAt } = ok(await other.engine.renewLease(lease, null));
			expect(Math.abs(expiresAt.getTime() - Date.now() - 12_000)).toBeLessThan(5_000);
		}
		await letLeaseRunOut(clone.database, run.id);
		const late = createTestEngine(clone.database, { maxAttempts: 3 }, () => new Date('2001-01-01T00:00:00Z'));
		expect((await leaseNext(late)).lease.attempt).toBe(2);
	});

	test('together with others is taken back once, however many workers ask at that moment', async () => {
		const seeds = Array.from({ length: 12 }, (_, seed) => seed);
		ok(await it.engine.launchComparison({ ...scene.launch, strategies: [{ kind: 'FEATURE_EXTRACTION' }], seeds }));
		for (const _ of seeds) await leaseNext(it);
		const text = `UPDATE attempt SET lease_expires_at = now() - interval '1 second' WHERE ended_at IS NULL`;
		await clone.database.query({ name: '', text });
		const taken = await Promise.all(Array.from({ length: 20 }, () => leaseNext(it).catch(() => null)));
		const runs = taken.flatMap((one) => (one === null ? [] : [one.run.id]));
		expect(runs).toHaveLength(12);
		expect(new Set(runs).size).toBe(12);
		for (const id of runs) expect(await outcomes(id)).toEqual(['EXPIRED', null]);
	});

	test('renewal against take-over: one of the two wins, never both', async () => {
		const run = await launchOne();
		const { worker } = ok(await it.engine.registerWorker(trainer));
		for (let round = 0; round < 10; round++) {
			const { lease } = await leaseNext(it);
			await letLeaseRunOut(clone.database, run.id);
			const [renewed, taken] = await race<{ kind: string }>([
				() => it.engine.renewLease(lease, null),
				() => it.engine.leaseRun(worker.id),
			]);
			const kinds = [renewed, taken].map((answer) => (answer?.status === 'fulfilled' ? answer.value.kind : answer));
			expect([
				['LeaseRenewed', 'NothingToDo'],
				['LeaseLost', 'LeasedRun'],
			]).toContainEqual(kinds);
			const live = (await it.engine.attemptsByRuns([run.id])).filter(({ endedAt }) => endedAt === null);
			expect(live).toHaveLength(1);
			// Back to the queue for the next round.
			const holder = taken?.status === 'fulfilled' ? (taken.value as { lease?: typeof lease }).lease : undefined;
			ok(await it.engine.releaseRun(holder ?? lease, 'next round'));
			await clone.database.query({ name: '', text: 'UPDATE run SET crashes = 0' });
		}
	});

	test('too many attempts without a word fail the run', async () => {
		const run = await launchOne();
		for (let attempt = 1; attempt <= 3; attempt++) {
			expect((await leaseNext(it)).lease.attempt).toBe(attempt);
			await letLeaseRunOut(clone.database, run.id);
			// The first loss is nobody's fault: the run is offered at once. After the second it waits.
			if (attempt === 2) await expect(leaseNext(it)).rejects.toThrow('the queue is empty');
			await letWaitPass(clone.database, run.id);
		}
		await expect(leaseNext(it)).rejects.toThrow('the queue is empty');
		expect(await it.engine.run(run.id)).toMatchObject({ status: 'FAILED', failure: { kind: 'TOO_MANY_ATTEMPTS' } });
		ok(await it.engine.changeRuns([run.id], 'retry'));
		expect((await leaseNext(it)).lease.attempt).toBe(4);
	});

	test('an attempt that was handed back does not count as a crash', async () => {
		const run = await launchOne();
		for (let attempt = 1; attempt <= 5; attempt++)
			ok(await it.engine.releaseRun((await leaseNext(it)).lease, 'the trainer shuts down'));
		expect(await statusOf(run.id)).toBe('QUEUED');
	});
});

describe('finishRun', () => {
	test('answers a repeated call as it answered the first, and refuses another outcome', async () => {
		const run = await launchOne();
		const { lease } = await leaseNext(it);
		const first = ok(await finish(it, lease));
		const again = ok(await finish(it, lease));
		expect(first.status).toBe('SUCCEEDED');
		expect(again).toEqual(first);
		expect(await finish(it, lease, 'FAILED')).toMatchObject({ kind: 'LeaseLost' });
		expect(await statusOf(run.id)).toBe('SUCCEEDED');
		expect((await it.engine.events(run.id, null, 100)).filter(({ kind }) => kind === 'FINISHED')).toHaveLength(1);
	});

	test('ten finishes at once finish it once', async () => {
		const run = await launchOne();
		const { lease } = await leaseNext(it);
		const answers = await race(Array.from({ length: 10 }, () => () => finish(it, lease)));
		expect(answers.every((answer) => answer.status === 'fulfilled' && !('kind' in answer.value))).toBe(true);
		expect((await it.engine.events(run.id, null, 100)).filter(({ kind }) => kind === 'FINISHED')).toHaveLength(1);
	});

	test('against a cancel: the run ends, and the request is kept or refused', async () => {
		for (let round = 0; round < 8; round++) {
			const run = await launchOne({ seeds: [round] });
			const { lease } = await leaseNext(it);
			const [finished, cancelled] = await race<unknown>([
				() => finish(it, lease),
				() => it.engine.changeRuns([run.id], 'cancel'),
			]);
			expect(finished).toMatchObject({ status: 'fulfilled', value: { status: 'SUCCEEDED' } });
			const refused = (cancelled as { value: { kind?: string } }).value.kind === 'Conflict';
			const stored = await it.engine.run(run.id);
			expect(stored?.status).toBe('SUCCEEDED');
			expect(stored?.cancelRequestedAt === null).toBe(refused);
		}
	});
});

describe('cancel and pause', () => {
	test('a queued run ends at once, a running one when its trainer says so', async () => {
		const [queued, running] = [await launchOne({ priority: -1 }), await launchOne({ seeds: [1] })];
		const { lease } = await leaseNext(it);
		expect(ok(await it.engine.changeRuns([queued.id, running.id], 'cancel')).map(({ status }) => status)).toEqual([
			...['CANCELLED', 'RUNNING'],
		]);
		expect(ok(await it.engine.renewLease(lease, null)).cancelRequested).toBe(true);
		expect(ok(await finish(it, lease, 'CANCELLED')).status).toBe('CANCELLED');
	});

	test('a worker that dies over a cancel leaves a cancelled run, over a pause a paused one', async () => {
		for (const [change, status] of [
			['cancel', 'CANCELLED'],
			['pause', 'PAUSED'],
		] as const) {
			const run = await launchOne();
			await leaseNext(it);
			ok(await it.engine.changeRuns([run.id], change));
			await letLeaseRunOut(clone.database, run.id);
			await expect(leaseNext(it)).rejects.toThrow('the queue is empty');
			expect(await statusOf(run.id)).toBe(status);
		}
	});

	test('a released run goes where the user asked it to go', async () => {
		const run = await launchOne();
		const { lease } = await leaseNext(it);
		ok(await it.engine.changeRuns([run.id], 'pause'));
		expect(ok(await it.engine.releaseRun(lease, 'paused')).status).toBe('PAUSED');
		expect(ok(await it.engine.releaseRun(lease, 'paused')).status).toBe('PAUSED');
		expect(ok(await it.engine.changeRuns([run.id], 'resume'))[0]?.status).toBe('QUEUED');
	});

	test('one run that does not allow it refuses the whole list', async () => {
		const [one, other] = [await launchOne(), await launchOne({ seeds: [1] })];
		ok(await it.engine.changeRuns([one.id], 'cancel'));
		expect(await it.engine.changeRuns([other.id, one.id], 'pause')).toMatchObject({ kind: 'Conflict' });
		expect(await statusOf(other.id)).toBe('QUEUED');
		const unknown = other.id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
		expect(await it.engine.changeRuns([other.id, unknown], 'pause')).toMatchObject({ kind: 'NotFound' });
		expect(await statusOf(other.id)).toBe('QUEUED');
	});
});

test('a batch that waits for the reaper finds the attempt ended', async () => {
	const run = await launchOne();
	const { lease } = await leaseNext(it);
	await letLeaseRunOut(clone.database, run.id);
	const other = await clone.open();
	let late: Promise<unknown> = Promise.resolve();
	await other.transaction(async (session) => {
		// The reaper's place: it holds the attempt's row when the batch arrives.
		await session.query({ name: '', text: 'SELECT FROM attempt WHERE run_id = $1 FOR UPDATE' }, [run.id]);
		late = it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [1]));
		await untilBlocked(clone.database, 1);
		const text = `UPDATE attempt SET ended_at = now(), outcome = 'EXPIRED' WHERE run_id = $1`;
		await session.query({ name: '', text }, [run.id]);
	});
	expect(await late).toMatchObject({ kind: 'LeaseLost' });
	expect(await it.engine.metricKeysByRuns([run.id])).toEqual(new Map());
});
