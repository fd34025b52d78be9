import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, digits, type Scene } from '../testing/scene.js';
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
