import { gzipSync } from 'node:zlib';
import type { JsonObject } from '@graft/domain/json';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import vectors from '../../../vectors/arrays.json';
import { type TestFolder, testFolder } from '../../testing/image-folder.js';
import { type Examples, inspectDataset, loadDataset } from '../index.js';
import { openArchive, openArray } from './array-files.js';
import { numberArray } from './number-array.js';
import { readIdxHeader } from './read-idx.js';
import { readNpyHeader } from './read-npy.js';

const facts = vectors as {
	arrays: { type: string; file: string; values: number[] }[];
	firstTestImage: number[];
} & Record<'fortran' | 'objects' | 'stored' | 'packed' | 'bomb', string>;
const bytesOf = (file: string) => new Uint8Array(Buffer.from(file, 'base64'));
const parse = (bytes: Uint8Array) => numberArray(readNpyHeader(bytes, 'it'), bytes, bytes.length);

let place: TestFolder;
beforeEach(() => {
	place = testFolder();
});
afterEach(() => place.remove());
const inspect = (name: string, format: string, options: JsonObject = {}) =>
	inspectDataset({ uri: `${place.uri}/${name}`, format, options });
const read = ({ inputs }: Examples, rows: number[]) => {
	if (inputs instanceof Float32Array) throw new Error('in memory');
	return inputs.read(rows, null);
};

describe('NumPy’s arrays', () => {
	it.each(facts.arrays)('of $type hold what NumPy wrote', async ({ file, values }) => {
		const { shape, read: rows } = parse(bytesOf(file));
		expect(shape).toEqual([3, 2, 2]);
		expect([...(await rows([0, 1, 2]))]).toEqual(values);
		expect([...(await rows([2]))]).toEqual(values.slice(8));
	});

	it('are read from a file where they are wanted', async () => {
		const { file, values } = facts.arrays[1] as (typeof facts.arrays)[0];
		place.write('x.npy', bytesOf(file));
		const array = await openArray(`${place.folder}/x.npy`, readNpyHeader);
		expect([...(await array.read([1, 0]))]).toEqual([...values.slice(4, 8), ...values.slice(0, 4)]);
		place.write('x.npy', bytesOf(file).slice(0, -1));
		await expect(array.read([2])).rejects.toThrowError(/became shorter/);
		await expect(openArray(`${place.folder}/x.npy`, readNpyHeader)).rejects.toThrowError(/x.npy is cut off/);
	});

	it.each([
		['objects', facts.objects, /holds \|O; there are/],
		['columns first', facts.fortran, /column by column/],
		['nothing', '', /is no NumPy array/],
	])('of %s are refused', (_, file, message) => {
		expect(() => parse(bytesOf(file))).toThrowError(message);
	});
});

describe('an .npz', () => {
	it.each(['stored', 'packed'] as const)('has the splits that its arrays’ names say: %s', async (kind) => {
		place.write('a.npz', bytesOf(facts[kind]));
		const found = await inspect('a.npz', 'numpy', { fractions: { train: 0.8, validation: 0.2, test: 0 } });
		expect(found).toMatchObject({ classes: ['0', '1'], inputShape: [4, 5, 1], modality: 'IMAGE' });
		expect(found.splits.map(({ classCounts }) => classCounts)).toEqual([
			[12, 12],
			[3, 3],
			[5, 5],
		]);
		const source = {
			uri: `${place.uri}/a.npz`,
			format: 'numpy',
			options: { fractions: { train: 0.8, validation: 0.2, test: 0 } },
		};
		const { splits } = await loadDataset({ ...source, version: found.version });
		expect([...(await read(splits.test, [0]))].map((value) => Math.round(value * 255))).toEqual(facts.firstTestImage);
		expect([...splits.test.labels.slice(0, 3)]).toEqual([0, 1, 0]);
	});

	it('is refused where it would unpack to more than there is room for, and where it is none', async () => {
		place.write('bomb.npz', bytesOf(facts.bomb));
		await expect(openArchive(`${place.folder}/bomb.npz`, 1e6)).rejects.toThrowError(/more than 1000000 bytes/);
		place.write('cut.npz', bytesOf(facts.packed).slice(0, 500));
		await expect(inspect('cut.npz', 'numpy')).rejects.toThrowError(/cut.npz is no whole .npz archive/);
		place.write('a.npz', bytesOf(facts.packed));
		await expect(inspect('a.npz', 'numpy', { inputs: 'z' })).rejects.toThrowError(/it has x_train, y_train/);
		await expect(inspect('a.npz', 'numpy', { classes: ['a'] })).rejects.toThrowError(/options.classes/);
		await expect(inspect('gone.npz', 'numpy')).rejects.toThrowError(/ENOENT/);
	});
});

describe('IDX files', () => {
	const images = (count: number) =>
		Uint8Array.from([
			0,
			0,
			8,
			3,
			0,
			0,
			0,
			count,
			0,
			0,
			0,
			2,
			0,
			0,
			0,
			3,
			...Array.from({ length: count * 6 }, (_, at) => at % 256),
		]);
	const labels = (count: number) =>
		Uint8Array.from([0, 0, 8, 1, 0, 0, 0, count, ...Array.from({ length: count }, (_, at) => at % 2)]);

	it('have the splits of MNIST’s names, packed or not', async () => {
		place.write('train-images-idx3-ubyte', images(20));
		place.write('train-labels-idx1-ubyte.gz', gzipSync(labels(20)));
		place.write('t10k-images-idx3-ubyte.gz', gzipSync(images(4)));
		place.write('t10k-labels-idx1-ubyte', labels(4));
		const found = await inspect('', 'idx');
		expect(found.inputShape).toEqual([2, 3, 1]);
		expect(found.splits.map(({ examples }) => examples)).toEqual([18, 2, 4]);
		const { splits } = await loadDataset({ uri: `${place.uri}/`, format: 'idx', options: {}, version: found.version });
		expect([...(await read(splits.test, [1]))].map((value) => Math.round(value * 255))).toEqual([6, 7, 8, 9, 10, 11]);
	});

	it('that hold an image twice are told, within a split and across', async () => {
		const twice = images(20);
		// The image of row 5 once more in row 7; the test images are the first train images.
		twice.copyWithin(16 + 7 * 6, 16 + 5 * 6, 16 + 6 * 6);
		place.write('train-images-idx3-ubyte', twice);
		place.write('train-labels-idx1-ubyte', labels(20));
		place.write('t10k-images-idx3-ubyte', images(2));
		place.write('t10k-labels-idx1-ubyte', labels(2));
		const { statistics } = await inspect('', 'idx', { fractions: { train: 1, validation: 0, test: 0 } });
		expect(statistics).toMatchObject({ bytes: 22 * 6, broken: { count: 0 } });
		expect(statistics?.duplicates).toMatchObject({ examples: 3, acrossSplits: 2 });
		expect(statistics?.duplicates.groups).toContainEqual([
			...['train-images-idx3-ubyte row 5', 'train-images-idx3-ubyte row 7'],
		]);
		expect(statistics?.distributions.map(({ name, median }) => [name, median])).toEqual([
			['width', 3],
			['height', 2],
		]);
	});

	it('are refused where labels and images do not go together, or unpack to too much', async () => {
		place.write('train-images-idx3-ubyte', images(20));
		await expect(inspect('', 'idx')).rejects.toThrowError(/has no train-images-idx3-ubyte and train-labels/);
		place.write('train-labels-idx1-ubyte', labels(19));
		await expect(inspect('', 'idx')).rejects.toThrowError(/has the shape 19, and .* has 20 examples/);
		place.write('big.gz', gzipSync(new Uint8Array(1e6)));
		await expect(openArray(`${place.folder}/big.gz`, readIdxHeader, 1e5)).rejects.toThrowError(
			/to 100000 bytes at the most/,
		);
	});
});

test('any bytes, and files with some of their bytes changed, are read or refused by name', async () => {
	const file = fc.constantFrom(...facts.arrays.map((one) => one.file));
	const changed = fc
		.tuple(
			file,
			fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
			fc.double({ min: 0.1, max: 1, noNaN: true }),
		)
		.map(([one, changes, length]) => {
			const bytes = bytesOf(one);
			for (const [at, value] of changes) bytes[at % bytes.length] = value;
			return bytes.slice(0, Math.ceil(length * bytes.length));
		});
	const idxBytes = fc.uint8Array({ maxLength: 40 }).map((rest) => Uint8Array.from([0, 0, 8, 1, ...rest]));
	await fc.assert(
		fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed, idxBytes), async (bytes) => {
			for (const header of [readNpyHeader, readIdxHeader]) {
				try {
					const array = numberArray(header(bytes, 'it'), bytes, bytes.length);
					if ((array.shape[0] ?? 0) > 0) await array.read([0]);
				} catch (error) {
					expect(error).toMatchObject({ name: 'GraftError', code: 'DATA' });
				}
			}
		}),
		{ numRuns: 2000 },
	);
	const zip = bytesOf(facts.packed);
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.tuple(fc.nat(zip.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
			async (changes) => {
				const bytes = Uint8Array.from(zip);
				for (const [at, value] of changes) bytes[at] = value;
				place.write('z.npz', bytes);
				await openArchive(`${place.folder}/z.npz`).catch((error: unknown) => {
					expect(error).toMatchObject({ name: 'GraftError', code: 'DATA' });
				});
			},
		),
		{ numRuns: 150 },
	);
});
