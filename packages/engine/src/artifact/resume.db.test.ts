import { RESUME_KIND } from '@graft/domain/artifact';
import type { Lease } from '@graft/domain/lease';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { race } from '@graft/testing/race';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitFile, createTestEngine, letLeaseRunOut, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext, type Scene, trainer } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
let lease: Lease;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
	ok(await it.engine.launchComparison({ ...scene.launch, seeds: [0] }));
	({ lease } = await leaseNext(it));
});
afterEach(() => clone.drop());

const checkpoint = (step: number, by: Lease = lease) =>
	commitFile(it, by, { kind: RESUME_KIND, name: `step-${step}`, text: `state ${step}`, step });
const kept = async () =>
	(await it.engine.artifactsByRuns([lease.runId])).filter(({ kind }) => kind === RESUME_KIND).map(({ step }) => step);
const loss = async () => {
	const query = { keys: ['loss'], buckets: 100, from: null, to: null, x: 'STEP' as const };
	return [...(ok(await it.engine.metricSeries({ runIds: [lease.runId], ...query }))[0]?.min ?? [])];
};

/** The lease runs out, and another worker takes the run over. */
async function takeOver() {
	await letLeaseRunOut(clone.database, lease.runId);
	for (;;) {
		const { worker } = ok(await it.engine.registerWorker(trainer));
		const leased = ok(await it.engine.leaseRun(worker.id));
		if (leased.kind !== 'LeasedRun') throw new Error('the queue is empty');
		// What is queued is handed out first; then overdue leases are taken back.
		if (leased.run.id === lease.runId) return leased;
	}
}

describe('checkpoints to resume from', () => {
	test('the newest two are kept, and the bytes of the others are gone', async () => {
		const first = await checkpoint(10);
		await checkpoint(20);
		const third = await checkpoint(30);
		expect(await kept()).toEqual([20, 30]);
		expect(await it.store.size(first.digest)).toBeNull();
		expect(await it.store.size(third.digest)).toBe(third.bytes);
	});

	test('the last is kept of a run that has succeeded, all of one that failed', async () => {
		const one = await checkpoint(10);
		const other = await checkpoint(20);
		ok(await finish(it, lease, 'FAILED'));
		expect(await kept()).toEqual([10, 20]);
		ok(await it.engine.changeRuns([lease.runId], 'retry'));
		const again = await leaseNext(it);
		expect(again.run.id).toBe(lease.runId);
		ok(await finish(it, again.lease));
		expect(await kept()).toEqual([20]);
		expect(await it.store.size(one.digest)).toBeNull();
		expect(await it.store.size(other.digest)).not.toBeNull();
	});

	test('bytes that another run or a backbone refers to stay', async () => {
		const other = await leaseNext(it);
		const shared = { kind: RESUME_KIND, text: 'the same state', step: 1 };
		const { digest } = await commitFile(it, lease, { ...shared, name: 'a' });
		await commitFile(it, other.lease, { ...shared, name: 'b' });
		const weights = await commitFile(it, lease, { kind: RESUME_KIND, name: 'w', text: 'weights', step: 2 });
		expect(weights.digest).toBe(scene.backbone.weightsDigest);
		await checkpoint(3);
		ok(await finish(it, lease));
		expect(await it.store.size(digest)).not.toBeNull();
		expect(await it.store.size(weights.digest)).not.toBeNull();
		await checkpoint(3, other.lease);
		ok(await finish(it, other.lease));
		expect(await it.store.size(digest)).toBeNull();
	});

	test('a commit of bytes that are being given up finds them gone or keeps them', async () => {
		const other = await leaseNext(it);
		for (let round = 1; round <= 10; round++) {
			const text = `raced ${round}`;
			const { digest, bytes } = it.store.keep(text);
			const input = { name: 'x', kind: RESUME_KIND, digest, bytes, step: round };
			ok(await it.engine.commitArtifact({ lease, ...input }));
			await checkpoint(100 * round + 1);
			await race([
				() => checkpoint(100 * round + 2),
				() => it.engine.commitArtifact({ lease: other.lease, ...input, kind: 'file' }),
			]);
			const ofOther = await it.engine.artifactsByRuns([other.lease.runId]);
			const isThere = (await it.store.size(digest)) !== null;
			expect([round, ofOther.some((one) => one.digest === digest)]).toEqual([round, isThere]);
		}
	});

	test('one without a step is refused', async () => {
		const { digest, bytes } = it.store.keep('no step');
		const input = { lease, name: 'x', kind: RESUME_KIND, digest, bytes, step: null };
		expect(await it.engine.commitArtifact(input)).toMatchObject({ kind: 'InvalidInput', field: 'step' });
	});
});

describe('a checkpoint that is of no use', () => {
	test('gives way to the one before it, and at last to a new beginning', async () => {
		ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [9, 8, 7, 6, 5])));
		const [older, newer] = [await checkpoint(2), await checkpoint(4)];
		const next = await takeOver();
		expect(next.resumeFrom).toMatchObject({ step: 4 });
		expect(await loss()).toEqual([9, 8, 7, 6]);
		const stepOf = async () => (await it.engine.attemptsByRuns([lease.runId])).at(-1)?.resumedFromStep;

		const refuse = (digest: string) => it.engine.refuseCheckpoint(next.lease, digest, 'its digest is another');
		const first = ok(await refuse(newer.digest));
		expect(first.resumeFrom).toMatchObject({ step: 2, digest: older.digest });
		expect(ok(await refuse(newer.digest)).resumeFrom).toEqual(first.resumeFrom);
		expect([await loss(), await stepOf(), await kept()]).toEqual([[9, 8], 2, [2]]);
		expect(await it.store.size(newer.digest)).toBeNull();
		const wanted = [{ runId: lease.runId, metric: 'loss', at: 'LAST' as const }];
		expect(await it.engine.summaries(wanted)).toEqual([{ value: 8, step: 2, finite: true, checkpointId: null }]);

		expect(ok(await refuse(older.digest)).resumeFrom).toBeNull();
		expect([await loss(), await stepOf(), await kept()]).toEqual([[], null, []]);
		expect(await it.engine.summaries(wanted)).toEqual([null]);
		const told = (await it.engine.events(lease.runId, null, 100)).filter(({ kind }) => kind === 'CHECKPOINT_REFUSED');
		expect(told.map(({ step }) => step)).toEqual([4, 2]);
		ok(await it.engine.logMetrics(next.lease, batchOf(1, 'loss', 1, [9, 8])));
		expect(await loss()).toEqual([9, 8]);
	});

	test('is refused before the first point, and by the holder alone', async () => {
		const { digest } = await checkpoint(2);
		const next = await takeOver();
		expect(await it.engine.refuseCheckpoint(lease, digest, 'late')).toMatchObject({ kind: 'LeaseLost' });
		ok(await it.engine.logMetrics(next.lease, batchOf(1, 'loss', 3, [7])));
		expect(await it.engine.refuseCheckpoint(next.lease, digest, 'late')).toMatchObject({ kind: 'InvalidInput' });
		expect(await kept()).toEqual([2]);
	});
});

test('the newest checkpoint is the one of the latest attempt, though an earlier one got further', async () => {
	await checkpoint(2);
	const second = await takeOver();
	await checkpoint(3, second.lease);
	const third = await takeOver();
	expect(third.resumeFrom).toMatchObject({ step: 3, attempt: 2 });
});

test('a file takes the place of what an earlier attempt stored under its name', async () => {
	const file = { kind: 'checkpoint', name: 'model.safetensors' };
	const first = await commitFile(it, lease, { ...file, text: 'before the loss' });
	const other = await commitFile(it, lease, { ...file, name: 'notes', text: 'kept' });
	const second = await takeOver();
	const last = await commitFile(it, second.lease, { ...file, text: 'after it' });
	expect((await it.engine.artifactsByRuns([lease.runId])).map(({ id }) => id)).toEqual([other.id, last.id]);
	expect(await it.store.size(first.digest)).toBeNull();
});
