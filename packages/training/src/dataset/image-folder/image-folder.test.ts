import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '@graft/domain/json';
import { parseTraining } from '@graft/domain/recipe';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import vectors from '../../../vectors/images.json';
import { greyFolder, greyPng, type TestFolder, testFolder } from '../../testing/image-folder.js';
import type { DatasetAccess } from '../dataset-format.js';
import { inspectDataset, loadDataset } from '../index.js';
import { parseImageFolderOptions } from './image-folder-options.js';
import { labelImages } from './label-images.js';
import { listImages } from './list-images.js';
import { numpyShuffle } from './numpy-shuffle.js';
import { splitImages } from './split-images.js';

let it_: TestFolder;
beforeEach(() => {
	it_ = testFolder();
});
afterEach(() => it_.remove());

const source = (options: JsonObject = {}) => ({
	uri: it_.uri,
	format: 'image-folder',
	options: { size: [4, 4], ...options },
});
const inspect = (options?: JsonObject, access?: Partial<DatasetAccess>) => inspectDataset(source(options), access);
const writeClasses = async (counts: Readonly<Record<string, number>>) => {
	let mark = 0;
	for (const [folder, count] of Object.entries(counts)) {
		for (let index = 0; index < count; index++) it_.write(`${folder}/${index}.png`, await greyPng(100, mark++));
	}
};

describe('as Keras reads folders', () => {
	const facts = (
		vectors as {
			folders: {
				files: string[];
				dataset: { seed: number; training: string[]; validation: string[] }[];
				flow: { training: string[]; validation: string[] };
			};
		}
	).folders;
	const splitsOf = async (split: JsonObject) => {
		for (const name of facts.files) it_.write(name, '');
		const options = parseImageFolderOptions({ split });
		const { classes, images } = labelImages(await listImages(it_.folder), 'it', options);
		expect(classes).toEqual(['A', 'a10', 'a2', 'b']);
		const { train, validation, test: rest } = splitImages(images, options.split);
		expect(rest).toEqual([]);
		return { training: train.map((image) => image.path), validation: validation.map((image) => image.path) };
	};

	it.each(facts.dataset)('image_dataset_from_directory with seed $seed', async ({ seed, training, validation }) => {
		const ours = await splitsOf({ kind: 'image_dataset_from_directory', validation: 0.3, seed });
		expect(ours).toEqual({ training, validation });
	});

	it('flow_from_directory', async () => {
		const ours = await splitsOf({ kind: 'flow_from_directory', validation: 0.3 });
		// Keras' older function takes a hidden folder for a class.
		const seen = (names: string[]) => names.filter((name) => !name.startsWith('.'));
		expect(ours).toEqual({ training: seen(facts.flow.training), validation: seen(facts.flow.validation) });
	});

	test('NumPy’s shuffle keeps every item', () => {
		expect(numpyShuffle([...Array(1000).keys()], 7).sort((a, b) => a - b)).toEqual([...Array(1000).keys()]);
	});
});

describe('a folder', () => {
	it('has classes by name, counts, sizes and duplicates', async () => {
		await writeClasses({ cat: 10, dog: 10 });
		it_.write('dog/twin.png', await greyPng(100, 3));
		it_.write('dog/notes.txt', 'no image');
		const found = await inspect({
			split: { kind: 'stratified', seed: 0, fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
		});
		expect(found).toMatchObject({
			modality: 'IMAGE',
			task: 'CLASSIFICATION',
			classes: ['cat', 'dog'],
			inputShape: [4, 4, 3],
		});
		expect(found.splits).toEqual([
			{ name: 'train', examples: 13, classCounts: [6, 7] },
			{ name: 'validation', examples: 4, classCounts: [2, 2] },
			{ name: 'test', examples: 4, classCounts: [2, 2] },
		]);
		const { distributions, duplicates, broken } = found.statistics ?? {};
		expect(distributions?.[0]).toEqual({ name: 'width', unit: 'px', min: 8, p5: 8, median: 8, p95: 8, max: 8 });
		expect(duplicates?.examples).toBe(1);
		expect(duplicates?.groups[0]?.toSorted()).toEqual(['cat/3.png', 'dog/twin.png']);
		expect(broken).toEqual({ count: 0, named: [] });
	});

	it('may have subfolders train, validation and test', async () => {
		await writeClasses({ 'train/a': 3, 'train/b': 2, 'val/a': 1, 'test/b': 2 });
		const { splits, statistics } = await inspect();
		expect(splits.map(({ classCounts }) => classCounts)).toEqual([
			[3, 2],
			[1, 0],
			[0, 2],
		]);
		expect(statistics?.duplicates.acrossSplits).toBe(0);
		it_.write('test/a/leak.png', await greyPng(100, 0));
		expect((await inspect()).statistics?.duplicates.acrossSplits).toBe(1);
	});

	it('of anything is a target without labels', async () => {
		await writeClasses({ x: 3, 'y/z': 2 });
		const found = await inspect({ labelled: false });
		expect(found.classes).toBeNull();
		expect(found.splits[0]).toEqual({ name: 'train', examples: 5, classCounts: null });
	});

	it('has another version with another image, name, class or option, and the same wherever it lies', async () => {
		await writeClasses({ a: 4, b: 4 });
		const version = async (options: JsonObject = {}) => (await inspect(options)).version;
		const plain = await version();
		expect(await version({ color: 'rgb', split: null })).toBe(plain);
		expect(await version({ size: [5, 4] })).not.toBe(plain);
		it_.write('a/0.png', await greyPng(101, 0));
		expect(await version()).not.toBe(plain);
		it_.write('a/0.png', await greyPng(100, 0));
		expect(await version()).toBe(plain);
		it_.write('a/9.png', await greyPng(100, 99));
		expect(await version()).not.toBe(plain);
	});

	it.each([0, 2])('is decoded when it is trained on, with %i threads', async (threads) => {
		await writeClasses({ a: 5, b: 5 });
		const { version } = await inspect();
		const { splits, preprocessing } = await loadDataset({ ...source(), version }, { threads, preprocessing: 'tf' });
		const { inputs } = splits.train;
		if (inputs instanceof Float32Array) throw new Error('in memory');
		const one = await inputs.read([2, 0], null);
		expect(preprocessing).toBe('tf');
		expect(one).toHaveLength(2 * 48);
		expect(one[47]).toBeCloseTo(100 / 127.5 - 1, 5);
		const training = parseTraining({ augmentation: { brightness: 0.5 } });
		if ('field' in training || training.augmentation == null) throw new Error('no augmentation');
		const { augmentation } = training;
		const [first, again, other] = await Promise.all(
			['1', '1', '2'].map((key) => inputs.read([2], { augmentation, keys: [key] })),
		);
		expect(again).toEqual(first);
		expect(other).not.toEqual(first);
	});

	it('is looked at once: a version’s manifest is kept, and images are compared with it when they are read', async () => {
		await writeClasses({ a: 5, b: 5 });
		const cacheDir = mkdtempSync(path.join(tmpdir(), 'graft-cache-'));
		const { version } = await inspect({}, { cacheDir });
		let looked = 0;
		const access = { cacheDir, onProgress: () => void looked++ };
		const { splits } = await loadDataset({ ...source(), version }, access);
		expect(looked).toBe(0);
		for (const label of ['a', 'b']) for (let n = 0; n < 5; n++) it_.write(`${label}/${n}.png`, await greyPng(7, n));
		const { inputs } = splits.train;
		if (inputs instanceof Float32Array) throw new Error('in memory');
		await expect(inputs.read([0], null)).rejects.toThrowError(
			/The image a\/\d.png has changed since it was registered/,
		);
		writeFileSync(path.join(cacheDir, 'manifests', `${version}.json`), '{"classes":["a"],"entries":[],"broken":[]}');
		await expect(loadDataset({ ...source({ color: 'rgb' }), version }, { cacheDir })).rejects.toThrowError(
			/have changed/,
		);
		rmSync(cacheDir, { recursive: true });
	});
});

describe('what is refused', () => {
	it.each<[string, () => Promise<void> | void, JsonObject, RegExp]>([
		[
			'a class folder without an image',
			async () => {
				await writeClasses({ a: 2, b: 2 });
				it_.write('c/notes.txt', '');
			},
			{ classes: ['a', 'b', 'c'] },
			/class folder c .* has no image/,
		],
		[
			'an empty class folder',
			async () => {
				await writeClasses({ a: 2, b: 2 });
				it_.write('c/notes.txt', '');
			},
			{},
			/class folder c .* has no image/,
		],
		['one class', () => writeClasses({ a: 3 }), {}, /has 1 class folder \(a\)/],
		['nothing', () => undefined, {}, /no image below/],
		[
			'images without a folder',
			async () => {
				await writeClasses({ a: 2, b: 2 });
				it_.write('x.png', await greyPng(1, 1));
			},
			{},
			/x.png lies in no class folder/,
		],
		[
			'a class that only validation has',
			() => writeClasses({ 'train/a': 2, 'train/b': 2, 'val/c': 1 }),
			{},
			/val\/c\/0.png is of a class/,
		],
		[
			'a cut off image',
			async () => {
				await writeClasses({ a: 3, b: 3 });
				it_.write('b/cut.png', (await greyPng(9, 9)).subarray(0, 60));
			},
			{},
			/1 of 7 images .* \(b\/cut.png: it has corrupt header\)/,
		],
		['an unknown option', () => writeClasses({ a: 2, b: 2 }), { sise: [4, 4] }, /options: Unrecognized key: "sise"/],
		['a size of nothing', () => writeClasses({ a: 2, b: 2 }), { size: [0, 4] }, /options.size.0/],
		[
			'fractions that do not sum to 1',
			() => writeClasses({ a: 2, b: 2 }),
			{ split: { kind: 'stratified', fractions: { train: 0.5, validation: 0.1, test: 0.1 } } },
			/must sum to 1/,
		],
		[
			'a split without folders',
			() => writeClasses({ a: 2, b: 2 }),
			{ split: { kind: 'folders' } },
			/a subfolder a beside train, validation and test/,
		],
	])('%s', async (_, make, options, message) => {
		await make();
		await expect(inspect(options)).rejects.toThrowError(message);
		await expect(inspect(options)).rejects.toMatchObject({ name: 'GraftError', code: 'DATA' });
	});

	it('broken images, unless they may be left out; then each is named', async () => {
		await writeClasses({ a: 3, b: 3 });
		it_.write('a/broken.jpg', 'no image');
		const { statistics, splits } = await inspect({ skipBroken: true });
		expect(statistics?.broken).toEqual({
			count: 1,
			named: [{ name: 'a/broken.jpg', reason: expect.stringMatching(/format/) }],
		});
		expect(splits.reduce((sum, split) => sum + split.examples, 0)).toBe(6);
	});

	it('links that lead out of the folder; others are images like any', async () => {
		await writeClasses({ a: 3, b: 3 });
		linkSync(path.join(it_.folder, 'a/0.png'), path.join(it_.folder, 'a/same.png'));
		symlinkSync('0.png', path.join(it_.folder, 'a/link.png'));
		expect((await inspect()).statistics?.duplicates.examples).toBe(2);
		symlinkSync('/etc/hostname', path.join(it_.folder, 'b/out.png'));
		await expect(inspect()).rejects.toThrowError(/b\/out.png is a link that leads out of the folder/);
	});

	it('folders that are not there', async () => {
		const gone = { ...source(), uri: 'file:///nowhere/at/all' };
		await expect(inspectDataset(gone)).rejects.toThrowError(/nowhere\/at\/all cannot be read: ENOENT/);
	});
});

test('a folder is a function of its content: written twice, it has one version', async () => {
	const [one, two] = [await greyFolder(6), await greyFolder(6)];
	const version = async (folder: TestFolder) => (await inspectDataset({ ...source(), uri: folder.uri })).version;
	expect(await version(one)).toBe(await version(two));
	one.remove();
	two.remove();
});
