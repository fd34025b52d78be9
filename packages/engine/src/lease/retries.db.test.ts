import { RESUME_KIND } from '@graft/domain/artifact';
import type { Lease } from '@graft/domain/lease';
import { afterFailure, type Failure } from '@graft/domain/run';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
	commitFile,
	createTestEngine,
	letLeaseRunOut,
	letWaitPass,
	ok,
	type TestEngine,
} from '../testing/create-test-engine.js';
import { createScene, FINISHED, finish, leaseNext, type Scene, trainer } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
let runId: string;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
	const settings = { ...scene.launch, strategies: [{ kind: 'FEATURE_EXTRACTION' as const }], seeds: [0] };
	runId = ok(await it.engine.launchComparison(settings))[0]?.id ?? '';
});
afterEach(() => clone.drop());

const full: Failure = { kind: 'OUT_OF_MEMORY', message: 'Batches of 8 fit.', retryable: true };
const away: Failure = { kind: 'UNAVAILABLE', message: 'The file is not here.', retryable: true };
const fail = async (lease: Lease, failure: Failure) =>
	ok(await it.engine.finishRun({ ...FINISHED, lease, outcome: 'FAILED', failure })).run;
const run = async () => {
	const found = await it.engine.run(runId);
	if (found === null) throw new Error('the run is gone');
	return found;
};
const waitSeconds = async () => {
	const { retryAt } = await run();
	return retryAt === null ? null : Math.round((retryAt.getTime() - Date.now()) / 1000);
};
const nobodyIsOffered = () => expect(leaseNext(it)).rejects.toThrow('the queue is empty');
/** An attempt that ends without a word. */
const lose = async (checkpoint: number | null = null) => {
	const { lease } = await leaseNext(it);
	if (checkpoint !== null)
		await commitFile(it, lease, {
			kind: RESUME_KIND,
			name: `step-${checkpoint}`,
			text: `${checkpoint}`,
			step: checkpoint,
		});
	await letLeaseRunOut(clone.database, runId);
	await leaseNext(it).then(
		({ lease }) => it.engine.releaseRun(lease, 'taken back'),
		() => undefined,
	);
	await letWaitPass(clone.database, runId);
};

describe('an attempt that failed', () => {
	test('for want of memory is tried once more, later, and then it is the run that failed', async () => {
		expect(await fail((await leaseNext(it)).lease, full)).toMatchObject({ status: 'QUEUED', failure: null });
		expect(await waitSeconds()).toBe(30);
		await nobodyIsOffered();
		await letWaitPass(clone.database, runId);
		expect(await waitSeconds()).toBeNull();
		expect(await fail((await leaseNext(it)).lease, full)).toMatchObject({ status: 'FAILED', failure: full });
		expect((await run()).retryAt).toBeNull();
	});

	test('of what another attempt would meet again ends the run at once', async () => {
		for (const kind of ['DIVERGED', 'BUG', 'DATA']) {
			const failure = { kind, message: kind, retryable: false };
			expect(await fail((await leaseNext(it)).lease, failure)).toMatchObject({ status: 'FAILED', failure });
			ok(await it.engine.changeRuns([runId], 'retry'));
		}
	});

	test('because its worker could not is offered again ever later, and in the end not any more', async () => {
		const waits: (number | null)[] = [];
		let attempts = 0;
		while ((await run()).status === 'QUEUED') {
			const { lease } = await leaseNext(it);
			ok(await it.engine.releaseRun(lease, 'no data', away));
			attempts += 1;
			waits.push(await waitSeconds());
			await letWaitPass(clone.database, runId);
		}
		expect(attempts).toBe(it.settings.lease.maxAttempts);
		expect(waits).toEqual([10, 20, 40, 80, null]);
		expect(await run()).toMatchObject({ status: 'FAILED', failure: away });
	});

	test('is told in the record, with what becomes of the run', async () => {
		await fail((await leaseNext(it)).lease, full);
		const told = (await it.engine.events(runId, null, 100)).at(-1);
		expect(told).toMatchObject({ kind: 'FINISHED', message: 'Batches of 8 fit. It is queued again, for in 30 s.' });
	});

	test('gives way to what a user asked for meanwhile', async () => {
		const first = await leaseNext(it);
		ok(await it.engine.changeRuns([runId], 'pause'));
		expect(await fail(first.lease, full)).toMatchObject({ status: 'PAUSED', pauseRequestedAt: null });
		ok(await it.engine.changeRuns([runId], 'resume'));
		const second = await leaseNext(it);
		ok(await it.engine.changeRuns([runId], 'cancel'));
		expect(await fail(second.lease, full)).toMatchObject({ status: 'CANCELLED' });
	});

	test('while it waits it can be paused, cancelled and retried, and then waits no more', async () => {
		await fail((await leaseNext(it)).lease, full);
		ok(await it.engine.changeRuns([runId], 'pause'));
		expect((await run()).retryAt).toBeNull();
		ok(await it.engine.changeRuns([runId], 'resume'));
		await fail((await leaseNext(it)).lease, full);
		ok(await it.engine.changeRuns([runId], 'cancel'));
		expect(await run()).toMatchObject({ status: 'CANCELLED', retryAt: null });
		ok(await it.engine.changeRuns([runId], 'retry'));
		expect((await leaseNext(it)).run.id).toBe(runId);
	});
});

describe('a run whose workers die', () => {
	test('stops costing when it gets nowhere', async () => {
		let attempts = 0;
		while ((await run()).status === 'QUEUED') {
			await lose();
			attempts += 1;
		}
		const rule = Array.from({ length: 20 }, (_, index) => afterFailure('LEASE_EXPIRED', index + 1, 5));
		expect((await run()).status).toBe('FAILED');
		expect(attempts).toBeLessThanOrEqual(rule.findIndex(({ kind }) => kind === 'fail') + 1);
	});

	test('goes on for as long as it gets further', async () => {
		for (let attempt = 1; attempt <= 12; attempt++) await lose(attempt);
		expect((await run()).status).toBe('QUEUED');
		// The same step again and again is no progress.
		let attempts = 0;
		while ((await run()).status === 'QUEUED' && attempts < 12) {
			await lose(12);
			attempts += 1;
		}
		expect((await run()).status).toBe('FAILED');
	});
});

describe('continueRuns', () => {
	const succeed = async (checkpoint: number | null) => {
		const { lease } = await leaseNext(it);
		if (checkpoint !== null)
			await commitFile(it, lease, { kind: RESUME_KIND, name: 'end', text: `${checkpoint}`, step: checkpoint });
		ok(await finish(it, lease));
	};

	test('queues a run for more epochs, from the checkpoint of its end', async () => {
		const { epochs } = scene.launch;
		await succeed(40);
		const [continued] = ok(await it.engine.continueRuns([runId], 5));
		expect(continued).toMatchObject({ status: 'QUEUED', finishedAt: null, config: { epochs: epochs + 5 } });
		expect(continued?.spec?.plan.phases.map((phase) => phase.epochs)).toEqual([epochs, 5]);
		expect(continued?.freezePlan).toEqual(continued?.spec?.plan);
		const { worker } = ok(await it.engine.registerWorker(trainer));
		const leased = ok(await it.engine.leaseRun(worker.id));
		expect(leased).toMatchObject({ kind: 'LeasedRun', resumeFrom: { step: 40 }, spec: { continuations: 1 } });
	});

	test('refuses what has no end to go on from, and changes nothing', async () => {
		expect(await it.engine.continueRuns([runId], 5)).toMatchObject({
			kind: 'Conflict',
			message: expect.stringContaining('QUEUED'),
		});
		await succeed(null);
		expect(await it.engine.continueRuns([runId], 5)).toMatchObject({
			kind: 'Conflict',
			message: expect.stringContaining('not kept'),
		});
		expect(await it.engine.continueRuns([runId], 0)).toMatchObject({ kind: 'InvalidInput', field: 'epochs' });
		expect(await it.engine.continueRuns(['x'], 1)).toMatchObject({ kind: 'NotFound' });
		expect((await run()).status).toBe('SUCCEEDED');
	});

	test('refuses a strategy that spans the whole run', async () => {
		await succeed(1);
		const strategies = [{ kind: 'FREEZE_OUT' as const }];
		runId = ok(await it.engine.launchComparison({ ...scene.launch, strategies, seeds: [1] }))[0]?.id ?? '';
		await succeed(1);
		expect(await it.engine.continueRuns([runId], 5)).toMatchObject({
			kind: 'Conflict',
			message: expect.stringContaining('FREEZE_OUT spans'),
		});
	});
});
