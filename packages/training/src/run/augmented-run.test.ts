import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { planFreeze } from '@graft/domain/freeze-plan';
import { freshInputs } from '@graft/domain/recipe';
import type { RunSpec } from '@graft/domain/run';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { openFeatureCache } from '../feature-cache/index.js';
import { useBackend } from '../testing/backends-here.js';
import { type Collected, collect } from '../testing/collect.js';
import { greyFolder, greyPng, type TestFolder } from '../testing/image-folder.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { registered, runSpec } from '../testing/run-spec.js';

let images: TestFolder;
let dataset: RunSpec['dataset'];
let pretrained: Uint8Array;
beforeAll(async () => {
	await useBackend();
	images = await greyFolder(20);
	dataset = await registered({ uri: images.uri, format: 'image-folder', options: { size: [8, 8] } }, 'grey');
	const spec = runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' }, seed: 7 });
	pretrained = (await collect(spec, null)).result.checkpoint;
}, 60_000);
afterAll(() => images.remove());

const ALL = { flip: 'both', shift: 0.1, rotation: 0.1, zoom: 0.2, brightness: 0.1, crop: 0.3 } as const;
const full = (augmentation: object | null, over: object = {}) =>
	runSpec({
		dataset,
		strategy: { kind: 'FULL_FINE_TUNE', learningRate: 0.003 },
		pretrained: true,
		epochs: 2,
		batchSize: 8,
		training: { augmentation: augmentation as never },
		...over,
	});
const head = (augmentation: object | null, epochs = 4) =>
	full(augmentation, { strategy: { kind: 'FEATURE_EXTRACTION', learningRate: 0.05 }, epochs });
const last = ({ points }: Collected, key: string) => points.findLast((point) => point.key === key)?.value;

describe('a run on a folder of images', () => {
	it('learns, and gives the same bytes with any number of threads', async () => {
		const spec = full(ALL, { epochs: 6 });
		const here = await collect(spec, pretrained);
		const beside = await collect(spec, pretrained, { access: { threads: 2 } });
		expect(Buffer.compare(here.result.checkpoint, beside.result.checkpoint)).toBe(0);
		expect(last(here, 'test_accuracy')).toBe(1);
	}, 60_000);

	it('goes on with the bits that it would have had, from the middle of an epoch', async () => {
		const spec = full(ALL, { epochs: 3 });
		const files: { file: Uint8Array; step: number }[] = [];
		const whole = await collect(spec, pretrained, {
			checkpoints: { everySteps: 1, onCheckpoint: (file, step) => void files.push({ file, step }) },
		});
		for (const { file } of files.filter(({ step }) => step % 3 === 1)) {
			const resumed = await collect(spec, pretrained, { resume: file, access: { threads: 1 } });
			expect(Buffer.compare(resumed.result.checkpoint, whole.result.checkpoint)).toBe(0);
		}
	}, 60_000);

	it('sees other versions with another seed, and tells nothing of splits that are not there', async () => {
		const split = { kind: 'flow_from_directory', validation: 0.2 };
		const options = { size: [8, 8], split };
		const other = await registered({ uri: images.uri, format: 'image-folder', options }, 'grey');
		const { points } = await collect(full(ALL, { dataset: other }), pretrained);
		expect(points.some(({ key }) => key === 'val_loss')).toBe(true);
		expect(points.some(({ key }) => key.startsWith('test_'))).toBe(false);
		const [one, two] = await Promise.all([0, 1].map((seed) => collect(full(ALL, { seed }), pretrained)));
		expect(last(one as Collected, 'train_loss')).not.toBe(last(two as Collected, 'train_loss'));
	}, 60_000);

	it('fails with the image that was changed', async () => {
		const other = await greyFolder(6);
		const changing = await registered({ uri: other.uri, format: 'image-folder', options: { size: [8, 8] } }, 'grey');
		const cacheDir = mkdtempSync(path.join(tmpdir(), 'graft-cache-'));
		await collect(full(null, { dataset: changing }), pretrained, { access: { cacheDir } });
		other.write('dark/1.png', await greyPng(1, 1));
		const spec = full(null, { dataset: changing, seed: 3 });
		await expect(collect(spec, pretrained, { access: { cacheDir } })).rejects.toMatchObject({
			code: 'DATA',
			message: expect.stringContaining('dark/1.png has changed'),
		});
		other.remove();
		rmSync(cacheDir, { recursive: true });
	}, 60_000);
});

describe('the trunk under augmentation', () => {
	const trunkOf = ({ events }: Collected) => events.find((event) => event.kind === 'TRUNK_CACHED');

	it('is computed in each step where every epoch has new inputs, and the plan says why', async () => {
		const spec = head(ALL);
		const { strategy, backbone, epochs } = spec;
		const headGroup = { ...backbone.layerGroups[0], name: 'head', macs: 1 } as never;
		const reason = freshInputs(spec.training);
		const plan = planFreeze({
			strategy,
			layerGroups: backbone.layerGroups,
			head: headGroup,
			epochs,
			freshInputs: reason,
		});
		expect(plan.cachedStepCost).toBeNull();
		expect(plan.cacheReason).toMatch(/new inputs of the examples in every epoch; with a number of copies/);
		expect(trunkOf(await collect(spec, pretrained))).toBeUndefined();
	}, 60_000);

	it('is computed once for each fixed copy, with the numbers that it has without', async () => {
		const spec = head({ ...ALL, copies: 2 }, 5);
		expect(freshInputs(spec.training)).toBeNull();
		const cached = await collect(spec, pretrained);
		const plain = await collect(spec, pretrained, { trunkBytes: 0 });
		expect(trunkOf(cached)?.data).toMatchObject({ examples: 2 * 28 + 6 });
		expect(trunkOf(plain)).toBeUndefined();
		const losses = (run: Collected) => run.points.filter(({ key }) => key === 'train_loss').map(({ value }) => value);
		expectClose(losses(cached), losses(plain), 1e-5);
	}, 60_000);

	test('fixed copies are the same for every seed, and another number of copies uses what is there', async () => {
		const folder = mkdtempSync(path.join(tmpdir(), 'graft-features-'));
		const featureCache = openFeatureCache({ folder, maxBytes: 1e9, backend: 'test' });
		const hits = async (spec: RunSpec) =>
			trunkOf(await collect(spec, pretrained, { featureCache }))?.data as { hits: number; misses: number };
		expect(await hits(head({ ...ALL, copies: 2 }))).toMatchObject({ hits: 0, misses: 3 });
		expect(await hits({ ...head({ ...ALL, copies: 2 }), seed: 9 })).toMatchObject({ hits: 3, misses: 0 });
		expect(await hits(head({ ...ALL, copies: 3 }))).toMatchObject({ hits: 3, misses: 1 });
		expect(await hits(head({ ...ALL, shift: 0.2, copies: 2 }))).toMatchObject({ hits: 1, misses: 2 });
		rmSync(folder, { recursive: true });
	}, 60_000);
});

test.each(['ADABN', 'DEEP_CORAL'] as const)(
	'%s adapts to a folder without labels, and a label budget holds',
	async (kind) => {
		const other = await greyFolder(10);
		const options = { size: [8, 8], labelled: false };
		const target = await registered({ uri: other.uri, format: 'image-folder', options }, 'unlabelled');
		expect(target).toMatchObject({ classes: null });
		const strategy = { kind, learningRate: 0.01 };
		const spec = runSpec({
			dataset,
			target,
			strategy,
			pretrained: true,
			epochs: 2,
			batchSize: 4,
			trainExamplesPerClass: 3,
		});
		const run = await collect(spec, pretrained, { access: { threads: 1 } });
		expect(run.result.summary.trainExamples).toBe(6);
		expect(run.points.some(({ key }) => key === 'target_test_loss')).toBe(false);
		const again = await collect(spec, pretrained);
		expect(Buffer.compare(again.result.checkpoint, run.result.checkpoint)).toBe(0);
		other.remove();
	},
	60_000,
);

test('images in memory are augmented too', async () => {
	const options = { shape: [8, 8, 1], scale: 16, label: 'digit', classes: ['0', '1'] };
	const digits = await registered({ uri: 'builtin:optdigits', format: 'csv-image', options }, 'digits');
	const of = (augmentation: object | null) =>
		runSpec({
			dataset: digits,
			strategy: { kind: 'FROM_SCRATCH' },
			training: { augmentation: augmentation as never },
			epochs: 1,
		});
	const plain = await collect(of(null), null);
	const [one, two] = [await collect(of(ALL), null), await collect(of(ALL), null, { access: { threads: 1 } })];
	expect(last(one, 'train_loss')).not.toBe(last(plain, 'train_loss'));
	expect(last(two, 'train_loss')).toBe(last(one, 'train_loss'));
}, 60_000);
