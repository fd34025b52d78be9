import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LaunchComparisonInput, LaunchSweepInput } from '../contract/inputs.js';
import { commitFile, createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, digits, finish, leaseNext, type Scene } from '../testing/scene.js';
import { weightFile } from '../testing/weight-file.js';

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
	ok(await it.engine.runs({ first: 0, after: null, filter: null, orderBy: [] })).countTotal();
const NOBODY = '00000000-0000-7000-8000-000000000000';

describe('registerBackbone', () => {
	test('takes weights and lineage from the run that made them', async () => {
		expect(scene.random).toMatchObject({ weightsDigest: null, producedById: null });
		const { weightsDigest, producedById, pretrainedOnId } = scene.backbone;
		const [checkpoint] = await it.engine.artifactsByRuns([producedById ?? '']);
		expect(weightsDigest).toBe(checkpoint?.digest);
		expect(pretrainedOnId).toBe(scene.dataset.id);
	});

	test('says how published weights want their inputs', async () => {
		const { digest: weightsDigest } = it.store.keep(weightFile('mobilenet-v2', [224, 224, 3]));
		const given = { architecture: 'mobilenet-v2', inputShape: null, fromRunId: null, source: null, licence: null };
		const published = ok(await it.engine.registerBackbone({ ...given, name: 'published', weightsDigest }));
		expect(published).toMatchObject({
			parameterCount: 2_257_984,
			input: { shape: [224, 224, 3], preprocessing: 'tf', tokenizer: null, maxLength: null },
		});
		const random = ok(await it.engine.registerBackbone({ ...given, name: 'unpublished', weightsDigest: null }));
		expect(random.input.preprocessing).toBeNull();
	});

	test.each<[string, () => string | Uint8Array, RegExp]>([
		[
			'of another architecture',
			() => weightFile('small-mlp', [8]),
			/not those of small-cnn: \d+ missing \(backbone\/.*of no layer/,
		],
		[
			'with a tensor of another shape and one of another type',
			() =>
				weightFile('small-cnn', [8, 8, 1], (entries) => {
					entries['backbone/block1_conv/kernel'] = { dtype: 'F32', shape: [3, 3, 3, 16] };
					entries['backbone/block1_bn/gamma'] = { dtype: 'F16', shape: [16] };
				}),
			/2 of another shape or type \(backbone\/block1_conv\/kernel \(F32 3 x 3 x 3 x 16, not F32 3 x 3 x 1 x \d+\)/,
		],
		[
			'without one of its tensors, and with one too much',
			() =>
				weightFile('small-cnn', [8, 8, 1], (entries) => {
					delete entries['backbone/block1_conv/kernel'];
					entries['backbone/x'] = { dtype: 'F32', shape: [1] };
				}),
			/1 missing \(backbone\/block1_conv\/kernel\); 1 of no layer \(backbone\/x\)\.$/,
		],
		['that are none', () => 'weights', /too few for a header|claims \d+ bytes/],
		[
			'with a header without an end',
			() => Buffer.from(`\xff\xff\xff\xff\xff\xff\xff\x0f{}`, 'latin1'),
			/claims \d+ bytes; 16777216 are allowed/,
		],
		['that were cut off', () => weightFile('small-cnn', [8, 8, 1]).subarray(0, -4), /but the data have/],
	])('refuses weights %s, and registers nothing', async (_, file, message) => {
		const { digest } = it.store.keep(file());
		const given = { fromRunId: null, source: null, licence: null, inputShape: [8, 8, 1], architecture: 'small-cnn' };
		expect(await it.engine.registerBackbone({ ...given, name: 'misfit', weightsDigest: digest })).toMatchObject({
			...{ kind: 'InvalidInput', field: 'weightsDigest', message: expect.stringMatching(message) },
		});
		const { items } = await it.engine.backbones({ first: 100, after: null });
		expect(items.map(({ node }) => node.name)).not.toContain('misfit');
	});

	test('takes a checkpoint of a run as weights: its head and its low-rank factors do not count', async () => {
		const bytes = weightFile('small-cnn', [8, 8, 1], (entries) => {
			entries['head/logits/kernel'] = { dtype: 'F32', shape: [2, 3] };
			entries['backbone/block1_conv/lora_a'] = { dtype: 'F32', shape: [9, 2] };
		});
		const given = { fromRunId: null, source: null, licence: null, inputShape: [8, 8, 1], architecture: 'small-cnn' };
		ok(await it.engine.registerBackbone({ ...given, name: 'fits', weightsDigest: it.store.keep(bytes).digest }));
	});

	test('twice the same is the same, another under its name is refused', async () => {
		const input = {
			name: 'random',
			architecture: 'small-cnn',
			inputShape: [8, 8, 1],
			fromRunId: null,
			weightsDigest: null,
			source: null,
			licence: null,
		};
		expect(await it.engine.registerBackbone(input)).toEqual(scene.random);
		expect(await it.engine.registerBackbone({ ...input, inputShape: [16, 16, 1] })).toMatchObject({ kind: 'Conflict' });
		expect(await it.engine.registerBackbone({ ...input, architecture: 'big-cnn' })).toMatchObject({
			field: 'architecture',
		});
		expect(await it.engine.registerBackbone({ ...input, name: 'x', weightsDigest: 'f'.repeat(64) })).toMatchObject({
			field: 'weightsDigest',
		});
		expect(await it.engine.registerBackbone({ ...input, name: 'x', fromRunId: NOBODY })).toMatchObject({
			kind: 'NotFound',
		});
		expect(await it.engine.registerBackbone({ ...input, name: '' })).toMatchObject({ field: 'name' });
	});
});

describe('registerDataset', () => {
	test('twice the same is the same, another version under its name is refused', async () => {
		expect(await it.engine.registerDataset(digits)).toEqual(scene.dataset);
		expect(await it.engine.registerDataset({ ...digits, version: 'b'.repeat(64) })).toMatchObject({ kind: 'Conflict' });
	});

	test.each([
		['one class', { classes: ['6'], splits: [{ name: 'train', examples: 3, classCounts: [3] }] }, 'ONE_CLASS'],
		['no class', { classes: [] }, 'ONE_CLASS'],
		[
			'a class without an example',
			{ splits: [{ name: 'train', examples: 3, classCounts: [3, 0, 0] }] },
			'INVALID_INPUT',
		],
		['no train split', { splits: [{ name: 'test', examples: 3, classCounts: null }] }, 'INVALID_INPUT'],
		[
			'counts that do not sum up',
			{ splits: [{ name: 'train', examples: 9, classCounts: [1, 1, 1] }] },
			'INVALID_INPUT',
		],
		['images without a shape', { inputShape: null }, 'INVALID_INPUT'],
		['an address that no trainer can read', { uri: 'ftp://example.org/digits.csv' }, 'INVALID_INPUT'],
	])('refuses %s', async (_, over, code) => {
		expect(await it.engine.registerDataset({ ...digits, name: 'bad', ...over })).toMatchObject({
			kind: 'InvalidInput',
			code,
		});
		expect(await it.engine.dataset({ name: 'bad' })).toBeNull();
	});
});

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
