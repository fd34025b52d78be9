import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { race } from '@graft/testing/race';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, digits, type Scene } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
});
afterEach(() => clone.drop());

const newExperiment = {
	name: 'Which depth',
	description: null,
	metric: 'val_accuracy',
	direction: 'MAXIMIZE' as const,
};
const made = () => it.engine.experiment({ name: newExperiment.name });
const comparison = (over = {}) =>
	it.engine.launchComparison({ ...scene.launch, experimentId: null, newExperiment, ...over });
const sweep = (over = {}) => {
	const { experimentId: _, backboneIds, datasetIds, strategies, ...base } = scene.launch;
	const [backboneId = '', datasetId = ''] = [backboneIds[0], datasetIds[0]];
	return it.engine.launchSweep({
		...{ experimentId: null, newExperiment, name: 'depths', method: 'GRID', trials: 2, seed: 0 },
		space: { batchSize: { values: [8, 16] } },
		base: { ...base, backboneId, datasetId, strategy: { kind: 'FEATURE_EXTRACTION' }, ...over },
	});
};
/** Data that the backbone cannot read. */
const otherShape = async () => {
	return ok(await it.engine.registerDataset({ ...digits, name: 'large', inputShape: [9, 9, 1], uri: 'file:///large' }))
		.id;
};

describe('a launch with an experiment of its own', () => {
	test('makes both', async () => {
		const runs = ok(await comparison());
		expect(runs.map(({ experimentId }) => experimentId)).toEqual(runs.map(() => expect.any(String)));
		expect((await made())?.id).toBe(runs[0]?.experimentId);
	});

	test('makes a sweep and its experiment', async () => {
		expect((await made())?.id).toBeUndefined();
		const { experimentId } = ok(await sweep());
		expect((await made())?.id).toBe(experimentId);
	});

	test('leaves none behind where it is refused', async () => {
		const datasetId = await otherShape();
		expect(await comparison({ datasetIds: [datasetId] })).toMatchObject({ code: 'SHAPE_MISMATCH' });
		expect(await sweep({ datasetId })).toMatchObject({ code: 'SHAPE_MISMATCH' });
		expect(await comparison({ epochs: 0 })).toMatchObject({ kind: 'InvalidInput', field: 'epochs' });
		expect(await made()).toBeNull();
	});

	test('is refused where the name is taken, also when two ask at once', async () => {
		const answers = await race([() => comparison(), () => comparison()]);
		const refused = answers.filter((answer) => answer.status === 'fulfilled' && 'kind' in answer.value);
		expect(refused).toMatchObject([{ value: { kind: 'InvalidInput', code: 'NAME_TAKEN' } }]);
		expect(await comparison()).toMatchObject({ field: 'newExperiment.name', code: 'NAME_TAKEN' });
	});

	test('has to name one experiment, and a good one', async () => {
		const { id } = scene.experiment;
		expect(await comparison({ experimentId: id })).toMatchObject({ kind: 'InvalidInput', field: 'experimentId' });
		expect(await comparison({ newExperiment: null })).toMatchObject({ kind: 'InvalidInput', field: 'experimentId' });
		const nameless = { ...newExperiment, name: ' ' };
		expect(await comparison({ newExperiment: nameless })).toMatchObject({ field: 'newExperiment.name' });
	});
});
