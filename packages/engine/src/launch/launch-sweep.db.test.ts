import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LaunchSweepInput } from '../contract/inputs.js';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, finish, leaseNext, type Scene } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeAll(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
});
afterAll(() => clone.drop());

const countRuns = async () =>
	(await ok(await it.engine.runs({ first: 0, after: null, filter: null, orderBy: [] })).countTotal()).count;

describe('launchSweep', () => {
	const sweepOf = (over: Partial<LaunchSweepInput> = {}): LaunchSweepInput => {
		const { backboneIds, datasetIds, strategies: _, experimentId, ...rest } = scene.launch;
		return {
			...{ experimentId, name: 'rates', method: 'GRID', trials: 100, seed: 0 },
			space: { 'strategy.unfreezeFrom': { values: ['block2', 'block3'] }, batchSize: { values: [16, 32, 64] } },
			base: {
				...rest,
				backboneId: backboneIds[0] ?? '',
				datasetId: datasetIds[0] ?? '',
				strategy: { kind: 'PARTIAL_FINE_TUNE' },
				seeds: [0, 1],
			},
			...over,
		};
	};
	const trialsOf = async (sweepId: string) =>
		ok(
			await it.engine.runs({
				first: 1000,
				after: null,
				filter: { sweepId },
				orderBy: [{ by: 'queuedAt', direction: 'ASC' }],
			}),
		).items.map(({ node }) => node);

	test('a grid runs every combination for every seed', async () => {
		const sweep = ok(await it.engine.launchSweep(sweepOf()));
		const runs = await trialsOf(sweep.id);
		expect(runs).toHaveLength(12);
		expect(runs[0]).toMatchObject({
			name: 'unfreezeFrom block2 · batchSize 16 · seed 0',
			config: { trial: 1, batchSize: 16 },
			spec: { batchSize: 16, strategy: { unfreezeFrom: 'block2' } },
		});
		expect(runs[11]).toMatchObject({ name: 'unfreezeFrom block3 · batchSize 64 · seed 1', config: { trial: 6 } });
		expect((await it.engine.sweepsByExperiments([sweep.experimentId])).map(({ id }) => id)).toEqual([sweep.id]);

		expect(ok(await it.engine.changeSweep(sweep.id, 'PAUSED')).status).toBe('PAUSED');
		await expect(leaseNext(it)).rejects.toThrow('the queue is empty');
		expect(await it.engine.changeSweep(sweep.id, 'PAUSED')).toMatchObject({ kind: 'Conflict' });
		expect(ok(await it.engine.changeSweep(sweep.id, 'RUNNING')).status).toBe('RUNNING');
		const { lease, run } = await leaseNext(it);
		expect(ok(await it.engine.changeSweep(sweep.id, 'STOPPED')).status).toBe('STOPPED');
		ok(await finish(it, lease));
		const stopped = await trialsOf(sweep.id);
		expect(stopped.filter(({ status }) => status === 'CANCELLED')).toHaveLength(11);
		expect(stopped.find(({ id }) => id === run.id)?.status).toBe('SUCCEEDED');
	});

	test('random search keeps its budget, and the same seed makes the same trials', async () => {
		const random = sweepOf({
			method: 'RANDOM',
			trials: 5,
			space: { 'strategy.learningRate': { min: 1e-4, max: 1e-1, scale: 'log' } },
		});
		const input = { ...random, base: { ...random.base, strategy: { kind: 'FULL_FINE_TUNE' as const }, seeds: [0] } };
		const rates = async () =>
			(await trialsOf(ok(await it.engine.launchSweep(input)).id)).map(({ strategy }) => strategy?.learningRate);
		const first = await rates();
		expect(new Set(first).size).toBe(5);
		expect(await rates()).toEqual(first);
	});

	test('one trial that cannot be carried out refuses the sweep and names it', async () => {
		const before = await countRuns();
		const bad = sweepOf({ space: { 'strategy.unfreezeFrom': { values: ['block2', 'block9'] } } });
		expect(await it.engine.launchSweep(bad)).toMatchObject({
			kind: 'InvalidInput',
			message: expect.stringMatching(/Trial 2 .*block9/),
		});
		expect(await it.engine.launchSweep(sweepOf({ space: { colour: { values: [1] } } }))).toMatchObject({
			code: 'UNKNOWN_FIELD',
		});
		expect(
			await it.engine.launchSweep(
				sweepOf({ method: 'RANDOM', trials: 10_001, space: { batchSize: { min: 1, max: 60000 } } }),
			),
		).toMatchObject({ kind: 'TooLarge' });
		expect(await countRuns()).toBe(before);
	});
});
