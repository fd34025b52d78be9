import type { JsonObject } from '@graft/domain/json';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, type Scene } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeAll(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
});
afterAll(() => clone.drop());

test('a recipe is stored with the run, complete, and shown in its config', async () => {
	const training = {
		schedule: { kind: 'cosine', warmUp: 0.1 },
		labelSmoothing: 0.1,
		classWeights: { '7': 2 },
		earlyStopping: { monitor: 'train_loss', patience: 3 },
	};
	const head = { hidden: [{ units: 256, activation: 'tanh', dropout: 0.3 }] };
	const optimizer = { kind: 'adamw', convention: 'torch' };
	const [run] = ok(await it.engine.launchComparison({ ...scene.launch, training, head, optimizer }));
	expect(run?.spec).toMatchObject({
		training: {
			schedule: { kind: 'cosine', convention: 'huggingface', warmUp: 0.1, start: 0, final: 0 },
			labelSmoothing: 0.1,
			classWeights: { '7': 2 },
			mixup: null,
			earlyStopping: { monitor: 'train_loss', patience: 3, minDelta: 0, startEpoch: 0, phases: null },
		},
		head: { pooling: 'average', hidden: [{ units: 256, activation: 'tanh', dropout: 0.3 }], dropout: 0 },
		optimizer: { kind: 'adamw', convention: 'torch', epsilon: 1e-8 },
	});
	expect(run?.config).toMatchObject({ training: { schedule: { kind: 'cosine' }, labelSmoothing: 0.1 } });
	expect(await it.engine.run(run?.id ?? '')).toEqual(run);
});

test('with mixup no trunk is planned to be computed once, and the plan says why', async () => {
	const plans = async (training: JsonObject) =>
		ok(await it.engine.launchComparison({ ...scene.launch, training, seeds: [0] })).map((run) => run.freezePlan);
	expect(await plans({})).toMatchObject([{ cachedStepCost: null }, { cachedStepCost: expect.any(Number) }]);
	const cacheReason = 'Mixup makes new inputs of the examples in every step.';
	expect(await plans({ mixup: 0.2 })).toMatchObject([
		{ cachedStepCost: null, cacheReason },
		{ cachedStepCost: null, cacheReason },
	]);
});

test('settings that say nothing are as if they had not been given', async () => {
	const [run] = ok(await it.engine.launchComparison({ ...scene.launch, training: { mixup: null, schedule: null } }));
	expect(run?.spec).not.toHaveProperty('training');
	expect(run?.config).not.toHaveProperty('training');
});

test.each<[JsonObject, string]>([
	[{ warmup: 1 }, 'training.warmup'],
	[{ schedule: { kind: 'cosine', peakAt: 0.2 } }, 'training.schedule.peakAt'],
	[{ classWeights: { '5': 2 } }, 'training.classWeights.5'],
	[{ earlyStopping: { monitor: 'train_loss', phases: [2] } }, 'training.earlyStopping.phases'],
	[{ earlyStopping: { monitor: 'val_loss' } }, 'training.earlyStopping.monitor'],
])('refuses %j', async (training, field) => {
	const refused = await it.engine.launchComparison({ ...scene.launch, training });
	expect(refused).toMatchObject({ kind: 'InvalidInput', field });
});

test('refuses a regression loss for classes', async () => {
	const refused = await it.engine.launchComparison({ ...scene.launch, head: { loss: 'mae' } });
	expect(refused).toMatchObject({ kind: 'InvalidInput', field: 'head.loss' });
});

test('a sweep varies what is within, and names the trial whose recipe cannot be', async () => {
	const { backboneIds, datasetIds, strategies: _, experimentId, ...rest } = scene.launch;
	const sweep = (space: JsonObject) =>
		it.engine.launchSweep({
			...{ experimentId, name: 'recipes', method: 'GRID', trials: 10, seed: 0, space },
			base: {
				...rest,
				backboneId: backboneIds[0] ?? '',
				datasetId: datasetIds[0] ?? '',
				strategy: { kind: 'FULL_FINE_TUNE' },
				training: { schedule: { kind: 'cosine' } },
			},
		});
	const varied = ok(
		await sweep({ 'training.schedule.warmUp': { values: [0, 0.1] }, 'training.mixup': { values: [null, 0.2] } }),
	);
	const orderBy = [{ by: 'queuedAt', direction: 'ASC' }] as const;
	const { items } = ok(await it.engine.runs({ first: 20, after: null, filter: { sweepId: varied.id }, orderBy }));
	expect(items.length).toBe(8);
	const recipes = items.map(({ node }) => [
		node.spec?.training?.schedule.kind === 'cosine' && node.spec.training.schedule.warmUp,
		node.spec?.training?.mixup,
	]);
	expect(recipes).toContainEqual([0.1, 0.2]);
	expect(recipes).toContainEqual([0, null]);
	expect(await sweep({ 'training.schedule.peakAt': { values: [0.2] } })).toMatchObject({
		field: 'training.schedule.peakAt',
		message: expect.stringMatching(/^Trial 1 .* has no field peakAt/),
	});
});
