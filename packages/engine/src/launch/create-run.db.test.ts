import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitFile, createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext, type Scene } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeAll(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
});
afterAll(() => clone.drop());

describe('createRun', () => {
	test('the script holds the lease, logs and finishes; nobody else gets the run', async () => {
		const input = {
			experimentId: scene.experiment.id,
			name: null,
			config: { lr: 0.1 },
			backboneId: null,
			datasetId: null,
			strategy: null,
			seed: 3,
			tags: ['script'],
		};
		const { run, lease } = ok(await it.engine.createRun(input));
		expect(run).toMatchObject({ status: 'RUNNING', name: 'run · seed 3', spec: null });
		ok(await it.engine.logMetrics(lease, batchOf(1, 'test_accuracy', 1, [0.5])));
		await commitFile(it, lease, { text: 'script' });
		expect(await it.engine.changeRuns([run.id], 'pause')).toMatchObject({ kind: 'Conflict' });
		expect(ok(await finish(it, lease)).status).toBe('SUCCEEDED');
		expect(await it.engine.createRun({ ...input, strategy: { kind: 'FROM_SCRATCH' } })).toMatchObject({
			field: 'backboneId',
		});
	});

	test('a script that falls silent fails its run', async () => {
		const input = {
			experimentId: scene.experiment.id,
			name: 'silent',
			config: {},
			backboneId: null,
			datasetId: null,
			strategy: null,
			seed: null,
			tags: [],
		};
		const { run } = ok(await it.engine.createRun(input));
		await clone.database.query({ name: '', text: `UPDATE attempt SET lease_expires_at = now() WHERE run_id = $1` }, [
			run.id,
		]);
		// What is queued is handed out first; then overdue leases are taken back.
		for (let leased: object | null = {}; leased !== null; ) leased = await leaseNext(it).catch(() => null);
		expect(await it.engine.run(run.id)).toMatchObject({ status: 'FAILED', failure: { kind: 'LEASE_EXPIRED' } });
	});
});
