import type { Backbone } from '@graft/domain/backbone';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RegisterDatasetInput } from '../contract/inputs.js';
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

const FILE = { uri: 'file:///data/rows.csv', options: {}, attribution: null, version: 'b'.repeat(64) };
const PRICES: RegisterDatasetInput = {
	...FILE,
	name: 'prices',
	...{ modality: 'TABULAR', task: 'REGRESSION', classes: null, format: 'csv-table', inputShape: [5] },
	splits: [
		{ name: 'train', examples: 80, classCounts: null },
		{ name: 'test', examples: 20, classCounts: null },
	],
};
const REVIEWS: RegisterDatasetInput = {
	...FILE,
	name: 'reviews',
	...{ modality: 'TEXT', task: 'CLASSIFICATION', classes: ['bad', 'good'], format: 'csv-text', inputShape: null },
	splits: [{ name: 'train', examples: 20, classCounts: [10, 10] }],
};

async function random(
	name: string,
	architecture: string,
	inputShape: readonly number[],
	tokenizerDigest: string | null = null,
): Promise<Backbone> {
	const rest = { fromRunId: null, weightsDigest: null, source: null, licence: null };
	return ok(await it.engine.registerBackbone({ name, architecture, inputShape, tokenizerDigest, ...rest }));
}
const reader = () => random('reader', 'small-transformer', [3, 16], it.store.keep('tokenizer').digest);
const launch = (backbone: Backbone, datasetId: string, over: object = {}) =>
	it.engine.launchComparison({
		...scene.launch,
		...{ strategies: [{ kind: 'FROM_SCRATCH' }], seeds: [0], backboneIds: [backbone.id], datasetIds: [datasetId] },
		...over,
	});

describe('a regression', () => {
	test('is launched, and the lowest error is the best', async () => {
		const prices = ok(await it.engine.registerDataset(PRICES));
		const rows = await random('rows', 'small-mlp', [5]);
		const question = { name: 'Prices', description: null, metric: 'test_mae', direction: 'MINIMIZE' as const };
		const experiment = ok(await it.engine.createExperiment(question));
		const strategies = [{ kind: 'FROM_SCRATCH' }, { kind: 'FROM_SCRATCH', learningRate: 0.1 }] as const;
		const over = { experimentId: experiment.id, strategies, head: { loss: 'mae' }, seeds: [0, 1, 2, 3, 4, 5] };
		const runs = ok(await launch(rows, prices.id, over));
		expect(runs[0]?.spec).toMatchObject({ dataset: { task: 'REGRESSION' }, head: { loss: 'mae' } });
		expect(runs[0]?.spec?.plan.trainableParameters).toBe(5 * 64 + 64 + 2 * (64 * 64 + 64) + 64 + 1);
		for (const _ of runs) {
			const { lease, run } = await leaseNext(it);
			const value = (run.strategy?.learningRate === 0.1 ? 20 : 10) + (run.seed ?? 0) / 100;
			ok(await it.engine.logMetrics(lease, batchOf(1, 'test_mae', 10, [value])));
			ok(await finish(it, lease));
		}
		const { groups, verdicts, recommendation } = await it.engine.comparison({
			...{ experimentId: experiment.id, metric: null, at: 'BEST' },
		});
		expect(groups.map(({ mean }) => mean)).toEqual([expect.closeTo(10.025, 6), expect.closeTo(20.025, 6)]);
		expect(verdicts).toMatchObject([{ kind: 'BETTER', a: groups[0]?.id, difference: expect.closeTo(-10, 6) }]);
		expect(recommendation?.reason).toMatch(/test_mae over 6 seeds; better than .* by 10/);
	});

	test.each<[string, object, string]>([
		['labels a class', { trainExamplesPerClass: 5 }, 'trainExamplesPerClass'],
		['class weights', { training: { classWeights: 'balanced' } }, 'training.classWeights'],
	])('has no %s', async (_, over, field) => {
		const prices = ok(await it.engine.registerDataset(PRICES));
		const refused = await launch(await random('rows', 'small-mlp', [5]), prices.id, over);
		expect(refused).toMatchObject({ kind: 'InvalidInput', field });
	});
});

describe('texts', () => {
	test('without a length of their own are read as long as the backbone has them', async () => {
		const reviews = ok(await it.engine.registerDataset(REVIEWS));
		const [run] = ok(await launch(await reader(), reviews.id));
		const tokenizer = it.store.keep('tokenizer').digest;
		expect(run?.spec).toMatchObject({ dataset: { input: { shape: [3, 16], maxLength: 16, tokenizer } } });
	});

	test('may be longer or shorter, within the positions that the backbone knows', async () => {
		const long = ok(await it.engine.registerDataset({ ...REVIEWS, name: 'long', inputShape: [3, 64] }));
		const [run] = ok(await launch(await reader(), long.id));
		// The plan's costs are those of the longer texts.
		const [short] = ok(await launch(await reader(), ok(await it.engine.registerDataset(REVIEWS)).id));
		expect(run?.freezePlan?.stepCost).toBeGreaterThan(4 * (short?.freezePlan?.stepCost ?? 0));
		const tooLong = ok(await it.engine.registerDataset({ ...REVIEWS, name: 'too long', inputShape: [3, 65] }));
		expect(await launch(await reader(), tooLong.id)).toMatchObject({
			...{ kind: 'InvalidInput', field: 'datasetIds', code: 'SHAPE_MISMATCH' },
			message: expect.stringMatching(/knows 64 positions.*65 tokens/),
		});
	});

	test('need the tokenizer of the backbone, which what it becomes keeps', async () => {
		const reviews = ok(await it.engine.registerDataset(REVIEWS));
		const mute = await random('mute', 'small-transformer', [3, 16]);
		expect(await launch(mute, reviews.id)).toMatchObject({ field: 'datasetIds', code: 'NO_TOKENIZER' });
		ok(await launch(await reader(), reviews.id, { priority: 9 }));
		const { lease } = await leaseNext(it);
		await commitFile(it, lease, { text: 'tuned' });
		ok(await finish(it, lease));
		const own = { name: 'tuned', architecture: 'small-transformer', inputShape: null, fromRunId: lease.runId };
		const rest = { weightsDigest: null, source: null, licence: null };
		const { tokenizer } = (await reader()).input;
		expect(ok(await it.engine.registerBackbone({ ...own, ...rest }))).toMatchObject({ input: { tokenizer } });
		expect(await it.engine.registerBackbone({ ...own, ...rest, tokenizerDigest: tokenizer })).toMatchObject({
			field: 'tokenizerDigest',
		});
	});

	test('have a tokenizer that the store holds, and images none', async () => {
		const named = { name: 'odd', inputShape: null, fromRunId: null, weightsDigest: null, source: null, licence: null };
		const odd = (architecture: string, tokenizerDigest: string) =>
			it.engine.registerBackbone({ ...named, architecture, tokenizerDigest });
		const refused = { kind: 'InvalidInput', field: 'tokenizerDigest' };
		expect(await odd('small-transformer', 'f'.repeat(64))).toMatchObject({
			...refused,
			message: expect.stringMatching(/Upload it first/),
		});
		expect(await odd('small-transformer', 'abc')).toMatchObject({
			...refused,
			message: expect.stringMatching(/sha256/),
		});
		expect(await odd('small-cnn', it.store.keep('tokenizer').digest)).toMatchObject({
			...refused,
			message: expect.stringMatching(/reads no text/),
		});
	});

	test('are refused on a network for images, and images on one for texts', async () => {
		const reviews = ok(await it.engine.registerDataset(REVIEWS));
		expect(await launch(scene.random, reviews.id)).toMatchObject({ code: 'MODALITY_MISMATCH' });
		expect(await launch(await reader(), scene.dataset.id)).toMatchObject({
			code: 'MODALITY_MISMATCH',
		});
	});
});

test('data without labels may be adapted to, and not be learned', async () => {
	const splits = [{ name: 'train', examples: 50, classCounts: null }];
	const unlabelled = { ...digits, name: 'unlabelled', classes: null, splits, version: 'c'.repeat(64) };
	const target = ok(await it.engine.registerDataset(unlabelled));
	expect(await launch(scene.random, target.id)).toMatchObject({ field: 'datasetIds', code: 'NO_LABELS' });
	const strategies = [{ kind: 'DEEP_CORAL' as const }];
	const [run] = ok(await launch(scene.backbone, scene.dataset.id, { targetDatasetId: target.id, strategies }));
	expect(run?.spec?.target).toMatchObject({ name: 'unlabelled', classes: null });
});

describe('a language model', () => {
	const LINES: RegisterDatasetInput = {
		...{ ...REVIEWS, name: 'lines', version: 'c'.repeat(64), task: 'LANGUAGE_MODELING', classes: null },
		...{ format: 'plain-text', splits: [{ name: 'train', examples: 20, classCounts: null }] },
	};
	const small = 'gpt2-L2-H8-A2-F16-V50-P16';
	const writer = () => random('writer', small, [3, 16], it.store.keep('tokenizer').digest);
	const weighted = async () => {
		const { digest } = it.store.keep(weightFile(small, [3, 16]));
		const given = { weightsDigest: digest, tokenizerDigest: it.store.keep('tokenizer').digest };
		const rest = { fromRunId: null, source: null, licence: null, inputShape: [3, 16] };
		return ok(await it.engine.registerBackbone({ name: 'pretrained writer', architecture: small, ...given, ...rest }));
	};

	test('is launched under every strategy that leaves it something to learn', async () => {
		const lines = ok(await it.engine.registerDataset(LINES));
		const [full] = ok(await launch(await writer(), lines.id));
		expect(full?.spec).toMatchObject({ dataset: { task: 'LANGUAGE_MODELING', classes: null } });
		const groups = full?.spec?.plan.phases[0]?.groups ?? [];
		expect(groups.at(-1)).toMatchObject({ group: 'head', parameters: 0, trainable: false });
		const pretrained = await weighted();
		const strategies = ['FULL_FINE_TUNE', 'LORA', 'BITFIT', 'FEATURE_EXTRACTION', 'LP_FT'].map((kind) => ({ kind }));
		const runs = ok(await launch(pretrained, lines.id, { strategies, epochs: 3 }));
		expect(runs.map(({ spec }) => spec?.plan.phases[0]?.groups.at(-1)?.trainableParameters)).toEqual([
			0, 0, 0, 400, 400,
		]);
		const tied = { strategies: [{ kind: 'FEATURE_EXTRACTION' }], head: { tied: true } };
		expect(await launch(pretrained, lines.id, tied)).toMatchObject({
			...{ kind: 'InvalidInput', field: 'strategies[0].kind', message: expect.stringMatching(/would train nothing/) },
		});
	});

	test.each<[string, object, string, RegExp]>([
		['labels a class', { trainExamplesPerClass: 5 }, 'trainExamplesPerClass', /no classes to count by/],
		['hidden layers', { head: { hidden: [4] } }, 'head', /has no other layers/],
		['a loss of numbers', { head: { loss: 'mae' } }, 'head.loss', /language modelling, whose loss is cross-entropy/],
		['smoothing', { training: { labelSmoothing: 0.1 } }, 'training.labelSmoothing', /no classes to smooth/],
		[
			'an accuracy',
			{ training: { earlyStopping: { monitor: 'train_accuracy' } } },
			'training.earlyStopping.monitor',
			/no train_acc/,
		],
	])('has no %s', async (_, over, field, message) => {
		const lines = ok(await it.engine.registerDataset(LINES));
		expect(await launch(await writer(), lines.id, over)).toMatchObject({
			...{ kind: 'InvalidInput', field, message: expect.stringMatching(message) },
		});
	});

	test('is none of a network whose tokens see what comes after them, and of nothing but texts', async () => {
		const lines = ok(await it.engine.registerDataset(LINES));
		expect(await launch(await reader(), lines.id)).toMatchObject({
			...{ kind: 'InvalidInput', message: expect.stringMatching(/small-transformer is no language model/) },
		});
		const classes = { ...LINES, name: 'other', classes: ['a', 'b'] };
		expect(await it.engine.registerDataset(classes)).toMatchObject({ kind: 'InvalidInput', field: 'task' });
	});

	test('alone has a tied head', async () => {
		const reviews = ok(await it.engine.registerDataset(REVIEWS));
		expect(await launch(await reader(), reviews.id, { head: { tied: true } })).toMatchObject({
			...{ kind: 'InvalidInput', field: 'head.tied' },
		});
	});
});
