import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LaunchComparisonInput } from '../contract/inputs.js';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, digits, type Scene } from '../testing/scene.js';

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
const NOBODY = '00000000-0000-7000-8000-000000000000';

describe('launchComparison', () => {
	test('queues the product, seed by seed, with names that say what runs', async () => {
		const strategies = [{ kind: 'FROM_SCRATCH' }, { kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3' }] as const;
		const runs = ok(await it.engine.launchComparison({ ...scene.launch, strategies, trainExamplesPerClass: 10 }));
		expect(runs.map(({ name }) => name)).toEqual([
			...[
				'from scratch · seed 0',
				'fine-tune from block3 · seed 0',
				'from scratch · seed 1',
				'fine-tune from block3 · seed 1',
			],
		]);
		expect(runs[1]).toMatchObject({
			status: 'QUEUED',
			strategy: { kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3' },
			config: { dataset: 'digits', strategy: { unfreezeFrom: 'block3' }, trainExamplesPerClass: 10, seed: 0 },
			spec: { version: 1, seed: 0, optimizer: { kind: 'adam', beta1: 0.9 }, head: { pooling: 'average', hidden: [] } },
		});
		expect(runs[1]?.spec?.plan).toEqual(runs[1]?.freezePlan);
		expect(await it.engine.run(runs[1]?.id ?? '')).toEqual(runs[1]);
		ok(
			await it.engine.changeRuns(
				runs.map(({ id }) => id),
				'cancel',
			),
		);
	});

	test('hands the target to every run, and says what LoRA adds', async () => {
		const shifted = ok(await it.engine.registerDataset({ ...digits, name: 'shifted', version: 'c'.repeat(64) }));
		const strategies = [
			{ kind: 'DANN', options: { hidden: 16 } },
			{ kind: 'LORA', rank: 4 },
		] as const;
		const launch = { ...scene.launch, strategies, seeds: [0], targetDatasetId: shifted.id };
		const runs = ok(await it.engine.launchComparison(launch));
		for (const run of runs) {
			expect(run.spec?.target).toMatchObject({ id: shifted.id, name: 'shifted', uri: digits.uri });
			expect(run.config).toMatchObject({ dataset: 'digits', target: 'shifted' });
		}
		expect(runs[1]?.config).toMatchObject({ strategy: { kind: 'LORA', rank: 4, alpha: 8 } });
		expect(runs[1]?.freezePlan?.phases[0]?.groups[1]).toMatchObject({ trains: 'LORA', trainableParameters: 4 * 320 });
		const flat = { ...digits, name: 'flat', version: 'd'.repeat(64), inputShape: [16, 16, 1] };
		const larger = ok(await it.engine.registerDataset(flat));
		const refused = await it.engine.launchComparison({ ...launch, targetDatasetId: larger.id });
		expect(refused).toMatchObject({ code: 'SHAPE_MISMATCH', field: 'targetDatasetId' });
		ok(
			await it.engine.changeRuns(
				runs.map(({ id }) => id),
				'cancel',
			),
		);
	});

	const refusals: [string, (launch: LaunchComparisonInput) => Partial<LaunchComparisonInput>, object][] = [
		[
			'a freeze group that does not exist',
			() => ({ strategies: [{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block9' }] }),
			{ field: 'strategies[0].unfreezeFrom' },
		],
		[
			'an unknown strategy field',
			() => ({ strategies: [{ kind: 'FROM_SCRATCH', colour: 1 } as never] }),
			{ field: 'strategies[0].colour' },
		],
		[
			'a strategy that is not available',
			() => ({ strategies: [{ kind: 'MAGIC' as never }] }),
			{ code: 'UNSUPPORTED_STRATEGY' },
		],
		[
			'LoRA of layers without a kernel',
			() => ({ strategies: [{ kind: 'LORA', options: { targets: ['_bn'] } }] }),
			{ field: 'strategies[0].options.targets' },
		],
		[
			'adaptation without a target',
			() => ({ strategies: [{ kind: 'DANN' }] }),
			{ code: 'TARGET_MISSING', field: 'strategies[0].kind' },
		],
		[
			'the dataset as its own target',
			() => ({ targetDatasetId: scene.dataset.id }),
			{ field: 'targetDatasetId', message: expect.stringContaining('itself') },
		],
		[
			'an unknown target',
			() => ({ targetDatasetId: NOBODY }),
			{ kind: 'NotFound', message: expect.stringContaining('dataset') },
		],
		[
			'the same strategy twice',
			() => ({ strategies: [{ kind: 'FROM_SCRATCH' }, { kind: 'FROM_SCRATCH' }] }),
			{ field: 'strategies[1]' },
		],
		['fine-tuning of random weights', () => ({ backboneIds: [scene.random.id] }), { code: 'NO_WEIGHTS' }],
		[
			'an unknown backbone',
			() => ({ backboneIds: [NOBODY] }),
			{ kind: 'NotFound', message: expect.stringContaining('backbone') },
		],
		[
			'an id that is none',
			() => ({ datasetIds: ['digits'] }),
			{ kind: 'NotFound', message: expect.stringContaining('dataset digits') },
		],
		[
			'an unknown experiment',
			() => ({ experimentId: NOBODY }),
			{ kind: 'NotFound', message: expect.stringContaining('experiment') },
		],
		['no seeds', () => ({ seeds: [] }), { field: 'seeds' }],
		['a seed twice', () => ({ seeds: [1, 1] }), { field: 'seeds[1]' }],
		['a seed that is no integer', () => ({ seeds: [0.5] }), { field: 'seeds[0]' }],
		['no epochs', () => ({ epochs: 0 }), { field: 'epochs' }],
		[
			'more labels than there are',
			() => ({ trainExamplesPerClass: 91 }),
			{ field: 'trainExamplesPerClass', message: expect.stringContaining('90') },
		],
		['a head field that does not exist', () => ({ head: { layers: 2 } }), { field: 'head.layers' }],
		['an optimizer that does not exist', () => ({ optimizer: { kind: 'lion' } }), { field: 'optimizer.kind' }],
		[
			'too many runs',
			() => ({ seeds: Array.from({ length: 5001 }, (_, seed) => seed) }),
			{ kind: 'TooLarge', limit: 10_000 },
		],
	];
	test.each(refusals)('refuses %s, and stores nothing', async (_, over, refusal) => {
		const before = await countRuns();
		expect(await it.engine.launchComparison({ ...scene.launch, ...over(scene.launch) })).toMatchObject({
			kind: 'InvalidInput',
			...refusal,
		});
		expect(await countRuns()).toBe(before);
	});

	test('a backbone and data that do not fit are refused with the reason', async () => {
		const text = ok(
			await it.engine.registerDataset({ ...digits, name: 'reviews', modality: 'TEXT', inputShape: null }),
		);
		const large = ok(await it.engine.registerDataset({ ...digits, name: 'large', inputShape: [32, 32, 3] }));
		expect(await it.engine.launchComparison({ ...scene.launch, datasetIds: [text.id] })).toMatchObject({
			code: 'MODALITY_MISMATCH',
			message: expect.stringMatching(/reads images, the dataset holds text/),
		});
		expect(
			await it.engine.launchComparison({ ...scene.launch, datasetIds: [scene.dataset.id, large.id] }),
		).toMatchObject({
			code: 'SHAPE_MISMATCH',
			message: expect.stringContaining('[32,32,3]'),
		});
	});

	test('a backbone that reads text is refused on pictures with the reason', async () => {
		const reader = ok(
			await it.engine.registerBackbone({
				name: 'reader',
				architecture: 'small-transformer',
				...{ inputShape: null, fromRunId: null, weightsDigest: null, source: null, licence: null },
			}),
		);
		expect(reader).toMatchObject({ modality: 'TEXT', input: { shape: [3, 16], maxLength: 16 } });
		const before = await countRuns();
		const launch = { ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' }] as const };
		const refused = await it.engine.launchComparison({ ...launch, backboneIds: [scene.backbone.id, reader.id] });
		expect(refused).toMatchObject({
			...{ kind: 'InvalidInput', field: 'datasetIds', code: 'MODALITY_MISMATCH' },
			message:
				'The backbone reader and the dataset digits do not go together: the backbone reads text, the dataset holds images.',
		});
		expect(await countRuns()).toBe(before);
	});

	test('ten thousand runs are one launch', async () => {
		const seeds = Array.from({ length: 5000 }, (_, seed) => seed);
		const runs = ok(await it.engine.launchComparison({ ...scene.launch, seeds, tags: ['many'] }));
		expect(runs).toHaveLength(10_000);
		expect(await countRuns()).toBeGreaterThanOrEqual(10_000);
		await clone.database.query({ name: '', text: `DELETE FROM run WHERE 'many' = ANY(tags)` });
	}, 60_000);
});
