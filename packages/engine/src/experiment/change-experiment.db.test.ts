import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepHouse } from '../artifact/keep-house.js';
import type { Context } from '../context/context.js';
import { commitFile, createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext, type Scene } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
});
afterEach(() => clone.drop());

const launch = async (seeds: readonly number[]) =>
	ok(await it.engine.launchComparison({ ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' }], seeds }));
const listed = async (inTrash?: boolean) =>
	(await it.engine.experiments({ first: 10, after: null }, inTrash)).items.map(({ node }) => node.name);
const runsOf = async (deleted = false) => {
	const filter = { experimentId: scene.experiment.id, deleted };
	return ok(await it.engine.runs({ first: 10, after: null, filter, orderBy: [] })).items.map(({ node }) => node.id);
};

test('an experiment goes with its runs and comes back with those that went with it', async () => {
	const { id, name } = scene.experiment;
	const [early, queued, done] = await launch([0, 1, 2]);
	if (!early || !queued || !done) throw new Error('three runs were launched');
	ok(await it.engine.changeRuns([early.id], 'delete'));
	ok(await it.engine.changeRuns([done.id], 'cancel'));
	expect(ok(await it.engine.changeExperiment(id, 'delete')).deletedAt).toBeInstanceOf(Date);
	expect([await listed(), await listed(true)]).toEqual([['pretraining'], [name]]);
	expect([await runsOf(), (await runsOf(true)).sort()]).toEqual([[], [early.id, queued.id, done.id].sort()]);
	// Nothing is trained, launched or taken out of there by itself; asked again, it stays as it is.
	await expect(leaseNext(it)).rejects.toThrow('the queue is empty');
	const refused = await it.engine.launchComparison({ ...scene.launch, seeds: [9] });
	expect(refused).toMatchObject({ kind: 'InvalidInput', code: 'DELETED', field: 'experimentId' });
	expect(await it.engine.changeRuns([done.id], 'restore')).toMatchObject({ kind: 'Conflict' });
	const since = ok(await it.engine.changeExperiment(id, 'delete')).deletedAt;
	expect(since).toEqual((await it.engine.experiment({ id }))?.deletedAt);

	expect(ok(await it.engine.changeExperiment(id, 'restore')).deletedAt).toBeNull();
	expect([await listed(), await listed(true)]).toEqual([[name, 'pretraining'], []]);
	expect([(await runsOf()).sort(), await runsOf(true)]).toEqual([[queued.id, done.id].sort(), [early.id]]);
	expect((await leaseNext(it)).run.id).toBe(queued.id);
});

test('one with a run that is being trained stays', async () => {
	await launch([0, 1]);
	const { lease } = await leaseNext(it);
	expect(await it.engine.changeExperiment(scene.experiment.id, 'delete')).toMatchObject({
		kind: 'Conflict',
		message: expect.stringMatching(/being trained/),
	});
	expect(await runsOf()).toHaveLength(2);
	ok(await finish(it, lease));
	ok(await it.engine.changeExperiment(scene.experiment.id, 'delete'));
	expect(await it.engine.changeExperiment('0'.repeat(8), 'delete')).toMatchObject({ kind: 'NotFound' });
});

test('after its time in the trash it is gone, with runs, points and files, and its name is free', async () => {
	await launch([0]);
	const { lease, run } = await leaseNext(it);
	ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [3])));
	const { digest, bytes } = await commitFile(it, lease, { text: 'weights of this run alone' });
	ok(await finish(it, lease));
	const { id, name, metric, direction, description } = scene.experiment;
	ok(await it.engine.changeExperiment(id, 'delete'));
	const context = {
		database: clone.database,
		artifactStore: it.store,
		settings: it.settings,
		logger: { info: () => undefined, warn: () => undefined },
		announce: () => undefined,
	} as unknown as Context;
	await keepHouse(context);
	expect(await it.store.size(digest)).toBe(bytes);
	expect(await it.engine.experiment({ id })).not.toBeNull();
	const back = `now() - ${it.settings.trashSeconds + 60} * interval '1 second'`;
	for (const table of ['run', 'experiment'])
		await clone.database.query({
			name: '',
			text: `UPDATE ${table} SET deleted_at = ${back} WHERE deleted_at IS NOT NULL`,
		});
	await keepHouse(context);
	expect(await it.store.size(digest)).toBeNull();
	expect([await it.engine.experiment({ id }), await it.engine.run(run.id)]).toEqual([null, null]);
	ok(await it.engine.createExperiment({ name, metric, direction, description }));
});
