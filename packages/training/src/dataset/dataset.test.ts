import type { JsonObject } from '@graft/domain/json';
import { describe, expect, it } from 'vitest';
import { TINY_OPTIONS, temporaryFile, tinyCsv } from '../testing/tiny-dataset.js';
import { type Examples, inspectDataset, loadDataset } from './index.js';

const optdigits = (options: JsonObject = {}) => ({
	uri: 'builtin:optdigits',
	format: 'csv-image',
	options: { shape: [8, 8, 1], scale: 16, label: 'digit', ...options },
});

async function inspectText(text: string | Uint8Array, options: JsonObject = {}) {
	const { uri, remove } = temporaryFile('data.csv', text);
	try {
		return await inspectDataset({ uri, format: 'csv-image', options: { shape: [1, 2, 1], ...options } });
	} finally {
		remove();
	}
}
const inputsOf = ({ inputs }: Examples) => {
	if (inputs instanceof Float32Array) return inputs;
	throw new Error('not in memory');
};
/** `count` rows of each class. */
const table = (count: number, classes = ['x', 'y']) =>
	['a,b,label', ...classes.flatMap((name) => Array<string>(count).fill(`1,2,${name}`))].join('\n');

describe('the handwritten digits', () => {
	it('have 1,797 examples of 10 classes, each in one split', async () => {
		const found = await inspectDataset(optdigits());
		expect(found.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
		expect(found.splits.reduce((sum, split) => sum + split.examples, 0)).toBe(1797);
		expect(found).toMatchObject({ modality: 'IMAGE', task: 'CLASSIFICATION', inputShape: [8, 8, 1] });
		expect(found.attribution).toContain('CC BY 4.0');
	});

	it('are scaled to 0 to 1 and labelled by their class', async () => {
		const { version } = await inspectDataset(optdigits({ classes: ['9', '7'] }));
		const { splits } = await loadDataset({ ...optdigits({ classes: ['9', '7'] }), version });
		expect(inputsOf(splits.train).length).toBe(splits.train.count * 64);
		expect(Math.max(...inputsOf(splits.train))).toBe(1);
		expect(Math.min(...inputsOf(splits.train))).toBe(0);
		expect(new Set(splits.test.labels)).toEqual(new Set([0, 1]));
	});

	it('split a class the same way whichever other classes there are', async () => {
		const trainOf = async (classes: string[], wanted: string) => {
			const { version } = await inspectDataset(optdigits({ classes }));
			const { splits } = await loadDataset({ ...optdigits({ classes }), version });
			const own = classes.indexOf(wanted);
			return [...splits.train.labels.keys()]
				.filter((position) => splits.train.labels[position] === own)
				.map((position) =>
					inputsOf(splits.train)
						.slice(position * 64, position * 64 + 64)
						.join(),
				);
		};
		expect(await trainOf(['3', '8'], '8')).toEqual(await trainOf(['8', '0', '5'], '8'));
	});

	it('have another version with other options, and the same with the defaults written out', async () => {
		const version = async (options: JsonObject) => (await inspectDataset(optdigits(options))).version;
		const plain = await version({});
		expect(await version({ splitSeed: 0, fractions: { test: 0.3, validation: 0.2, train: 0.5 } })).toBe(plain);
		expect(await version({ splitSeed: 1 })).not.toBe(plain);
		expect(await version({ classes: ['0', '1'] })).not.toBe(plain);
	});
});

describe('what is refused', () => {
	it.each<[string, string | Uint8Array, JsonObject, RegExp]>([
		['an empty file', '', {}, /has no rows/],
		['a header alone', 'a,b,label\n', {}, /has no rows/],
		['a label column that is not there', table(4), { label: 'digit' }, /no column digit .* a, b, label/],
		['too few pixel columns', table(4), { shape: [2, 2, 1] }, /has 2 pixel columns, but images of 2 x 2 x 1 need 4/],
		['a ragged row', `${table(4)}\n1,2`, {}, /has 2 cells in row 10, but 3 columns/],
		['a cell that is no number', `${table(4)}\n1,zwei,x`, {}, /row 10, column b the value "zwei", not a number/],
		['an empty cell', `${table(4)}\n,2,x`, {}, /row 10, column a the value "", not a number/],
		['a pixel beyond the scale', `${table(4)}\n1,256,x`, {}, /row 10, column b the value 256, outside 0 to 255/],
		['one class', table(4, ['x']), {}, /has 1 class \(x\); training needs two/],
		['one class that counts', table(4), { classes: ['x'] }, /has 1 class/],
		['a class without a row', table(4), { classes: ['x', 'z'] }, /has no row of class z/],
		['a class with too few examples', table(2), {}, /Class x has 2 examples, too few .* validation/],
		['text that is not UTF-8', Uint8Array.of(0x61, 0xff, 0x0a, 0x31), {}, /not UTF-8/],
		['an open quotation mark', 'a,b,label\n"1,2,x', {}, /is not CSV/],
		['an unknown option', table(4), { schape: [1, 2, 1] }, /option schape is unknown/],
		['a shape without channels', table(4), { shape: [1, 2] }, /option shape must be height, width, channels/],
		['fractions that do not sum to 1', table(4), { fractions: { train: 1, validation: 1, test: 1 } }, /sum to 1/],
	])('%s', async (_, text, options, message) => {
		await expect(inspectText(text, options)).rejects.toThrowError(message);
		await expect(inspectText(text, options)).rejects.toMatchObject({ name: 'GraftError', code: 'DATA' });
	});

	it('addresses and formats that are unknown, and files that are not there', async () => {
		const at = (uri: string, format = 'csv-image') => inspectDataset({ uri, format, options: { shape: [1, 2, 1] } });
		await expect(at('builtin:mnist')).rejects.toThrowError(/no data set builtin:mnist; there is builtin:optdigits/);
		await expect(at('ftp://example.org/a.csv')).rejects.toThrowError(/begins with file:/);
		await expect(at('file:///nowhere/a.csv')).rejects.toThrowError(/cannot be read: ENOENT/);
		await expect(at('builtin:optdigits', 'parquet')).rejects.toThrowError(/format parquet is unknown/);
	});

	it('bytes that changed since they were registered', async () => {
		const source = { format: 'csv-image', options: TINY_OPTIONS };
		const first = temporaryFile('a.csv', tinyCsv(10, 1));
		const second = temporaryFile('a.csv', tinyCsv(10, 2));
		const { version } = await inspectDataset({ ...source, uri: first.uri });
		await expect(loadDataset({ ...source, uri: second.uri, version })).rejects.toMatchObject({
			code: 'DATA',
			message: expect.stringContaining('have changed since they were registered'),
		});
		first.remove();
		second.remove();
	});
});
