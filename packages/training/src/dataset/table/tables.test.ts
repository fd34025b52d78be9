import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { JsonObject } from '@graft/domain/json';
import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import { parseTokenizer, tokenizerFromVocabulary } from '../../tokenizer/index.js';
import { type Examples, inspectDataset, loadDataset } from '../index.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'graft-tables-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
/** The address of a file of this content, or of a folder of such files. */
function written(content: string | Uint8Array | Record<string, string>): string {
	count += 1;
	if (typeof content === 'string' || content instanceof Uint8Array) {
		const file = path.join(folder, `file-${count}`);
		writeFileSync(file, content);
		return pathToFileURL(file).href;
	}
	const at = mkdtempSync(path.join(folder, 'files-'));
	for (const [name, text] of Object.entries(content)) writeFileSync(path.join(at, name), text);
	return pathToFileURL(at).href;
}
const inspect = (content: Parameters<typeof written>[0], format: string, options: JsonObject = {}, access = {}) =>
	inspectDataset({ uri: written(content), format, options }, access);
const data = (message: RegExp) => ({ name: 'GraftError', code: 'DATA', message: expect.stringMatching(message) });
const every = ({ count: examples, inputs }: Examples) =>
	inputs instanceof Float32Array ? inputs : inputs.read([...Array(examples).keys()], null);

const WORDS = '[PAD] [UNK] [CLS] [SEP] [MASK] good bad film a very'.split(' ');
const vocabulary = JSON.stringify(tokenizerFromVocabulary(WORDS.join('\n'), { lowercase: true }));
const tokenizer = parseTokenizer(new TextEncoder().encode(vocabulary));
const rows = (n: number) =>
	Array.from({ length: n }, (_, i) => `a ${i % 2 ? 'good' : 'bad'} film ${i},${i % 2 ? 'pos' : 'neg'}`);

describe('texts', () => {
	it('are registered as they are, with counts, classes and what was found', async () => {
		const text = ['review,mood', 'a good film,pos', 'a bad film,neg', 'a good film,pos', ' ,neg', 'very bad,neg'].join(
			'\n',
		);
		const options = { text: 'review', label: 'mood', split: { fractions: { train: 1 } } };
		const found = await inspect(text, 'csv-text', options);
		expect(found).toMatchObject({
			...{ modality: 'TEXT', task: 'CLASSIFICATION', classes: ['neg', 'pos'], inputShape: null },
			splits: [
				{ name: 'train', examples: 4, classCounts: [2, 2] },
				{ name: 'validation', examples: 0, classCounts: [0, 0] },
				{ name: 'test', examples: 0, classCounts: [0, 0] },
			],
		});
		expect(found.statistics).toMatchObject({
			broken: { count: 1, named: [{ name: expect.stringMatching(/line 5$/), reason: 'The text is empty.' }] },
			duplicates: {
				examples: 1,
				acrossSplits: 0,
				groups: [[expect.stringMatching(/line 2$/), expect.stringMatching(/line 4$/)]],
			},
			distributions: [{ name: 'words', min: 2, median: 3, max: 3 }],
		});
		const known = await inspect(text, 'csv-text', options, { tokenizer });
		expect(known.version).toBe(found.version);
		expect(known.statistics?.distributions).toMatchObject([
			{ name: 'words' },
			{ name: 'tokens', min: 4, median: 5, max: 5 },
		]);
	});

	it('become ids, mask and segments of the length that is asked for', async () => {
		const lines = ['{"text":"a good film","pair":"very bad","label":1}', '{"text":"bad","pair":"","label":0}'];
		const uri = written(lines.join('\n'));
		const source = {
			uri,
			format: 'jsonl-text',
			options: { pair: 'pair', label: 'label', length: 8, split: { fractions: { train: 1 } } },
		};
		const { version, inputShape } = await inspectDataset(source);
		expect(inputShape).toEqual([3, 8]);
		const loaded = await loadDataset({ ...source, version }, { tokenizer });
		expect(loaded).toMatchObject({ inputShape: [3, 8], classes: ['0', '1'] });
		expect([...loaded.splits.train.labels]).toEqual([1, 0]);
		expect([...(await every(loaded.splits.train))]).toEqual([
			...[2, 8, 5, 7, 3, 9, 6, 3, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1],
			...[2, 6, 3, 3, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
		]);
	});

	it('are as long as the backbone has them where the data do not say it, and are kept apart by it', async () => {
		const source = {
			uri: written(['text,label', ...rows(20)].join('\n')),
			format: 'csv-text',
			options: { label: 'label' },
		};
		const { version } = await inspectDataset(source);
		const [short, long] = [
			await loadDataset({ ...source, version }, { tokenizer, length: 4 }),
			await loadDataset({ ...source, version }, { tokenizer, length: 16 }),
		];
		expect([short.inputShape, long.inputShape]).toEqual([
			[3, 4],
			[3, 16],
		]);
		expect((await every(short.splits.train)).length * 4).toBe((await every(long.splits.train)).length);
	});

	it('may have numbers to foretell, or nothing at all', async () => {
		const regression = await inspect('text,stars\na,1.5\nb,4\nc,2', 'csv-text', {
			target: 'stars',
			split: { fractions: { train: 1 } },
		});
		expect(regression).toMatchObject({
			task: 'REGRESSION',
			classes: null,
			splits: [{ examples: 3, classCounts: null }, {}, {}],
		});
		const unlabelled = await inspect('text\na\nb\nc', 'csv-text', { split: { fractions: { train: 1 } } });
		expect(unlabelled).toMatchObject({
			task: 'CLASSIFICATION',
			classes: null,
			splits: [{ examples: 3, classCounts: null }, {}, {}],
		});
	});
});

describe('splits', () => {
	it('by a column, with names of its own', async () => {
		const text = 'text,label,part\na,x,train\nb,y,train\nc,x,dev\nd,y,held-out';
		const split = { column: 'part', names: { validation: 'dev', test: 'held-out' } };
		const found = await inspect(text, 'csv-text', { label: 'label', split });
		expect(found.splits.map(({ examples }) => examples)).toEqual([2, 1, 1]);
		await expect(inspect(text, 'csv-text', { label: 'label', split: { column: 'part' } })).rejects.toMatchObject(
			data(/line 4: the column part says "dev", which is none of train, validation, test/),
		);
	});

	it('by files in a folder, whose names and contents make the version', async () => {
		const files = { 'a.csv': 'text,label\na,x\nb,y', 'b.csv': 'text,label\nc,x', 'other.csv': 'nothing' };
		const split = { files: { train: 'a.csv', validation: 'b.csv' } };
		const found = await inspect(files, 'csv-text', { label: 'label', split });
		expect(found.splits.map(({ examples }) => examples)).toEqual([2, 1, 0]);
		const same = await inspect({ ...files, 'other.csv': 'else' }, 'csv-text', { label: 'label', split });
		expect(same.version).toBe(found.version);
		const other = await inspect({ ...files, 'b.csv': 'text,label\nd,x' }, 'csv-text', { label: 'label', split });
		expect(other.version).not.toBe(found.version);
	});

	it('by fraction and seed: each class by itself, every row once, the same each time', async () => {
		const seeds = fc.integer({ min: 0, max: 1000 });
		await fc.assert(
			fc.asyncProperty(fc.integer({ min: 20, max: 60 }), seeds, async (n, seed) => {
				const text = ['text,label', ...rows(n)].join('\n');
				const split = { seed, fractions: { train: 0.5, validation: 0.25, test: 0.25 } };
				const [one, two] = [
					await inspect(text, 'csv-text', { label: 'label', split }),
					await inspect(text, 'csv-text', { label: 'label', split }),
				];
				expect(two).toEqual(one);
				expect(one.splits.reduce((sum, { examples }) => sum + examples, 0)).toBe(n);
				for (const { examples, classCounts } of one.splits) {
					expect(Math.abs((classCounts?.[0] ?? 0) - (classCounts?.[1] ?? 0))).toBeLessThanOrEqual(1);
					expect(examples).toBeGreaterThan(0);
				}
			}),
			{ numRuns: 15 },
		);
	}, 30_000);
});

describe('tables of numbers and words', () => {
	it('are standardised by the train split alone', async () => {
		const text = 'size,city,price,part\n1,Rome,10,train\n3,Oslo,20,train\n9,Bonn,30,test\n';
		const options = { target: 'price', categorical: ['city'], split: { column: 'part' } };
		const source = { uri: written(text), format: 'csv-table', options };
		const found = await inspectDataset(source);
		expect(found).toMatchObject({ modality: 'TABULAR', task: 'REGRESSION', inputShape: [3] });
		const { splits } = await loadDataset({ ...source, version: found.version });
		// Mean 2, deviation 1; Oslo, Rome. Bonn was not there to learn from.
		expect([...(await every(splits.train))]).toEqual([-1, 0, 1, 1, 1, 0]);
		expect([...(await every(splits.test))]).toEqual([7, 0, 0]);
		expect([...splits.test.labels]).toEqual([30]);
	});

	it('take the columns that are asked for, in this order, as they are where that is wanted', async () => {
		const text = 'a,b,c,label\n1,2,same,x\n3,,same,y\n';
		const options = {
			features: ['b', 'a'],
			label: 'label',
			standardize: false,
			missing: 'mean',
			split: { fractions: { train: 1 } },
		};
		const source = { uri: written(text), format: 'csv-table', options };
		const { version } = await inspectDataset(source);
		const { splits } = await loadDataset({ ...source, version });
		expect([...(await every(splits.train))]).toEqual([2, 1, 2, 3]);
	});

	it('a column that does not vary is 0', async () => {
		const text = 'a,b,label\n1,5,x\n3,5,y\n';
		const source = {
			uri: written(text),
			format: 'csv-table',
			options: { label: 'label', split: { fractions: { train: 1 } } },
		};
		const { version } = await inspectDataset(source);
		expect([...(await every((await loadDataset({ ...source, version })).splits.train))]).toEqual([-1, 0, 1, 0]);
	});
});

describe('what is refused by name, with nothing registered', () => {
	const two = 'text,label\na,x\nb,y';
	test.each<[string, string | Uint8Array, JsonObject, RegExp]>([
		[
			'a label that is missing',
			'text,label\na,x\nb,',
			{ label: 'label' },
			/line 3: there is no label in the column label/,
		],
		['one class', 'text,label\na,x\nb,x', { label: 'label' }, /has 1 class \(x\); training needs two/],
		['no such column', two, { text: 'body', label: 'label' }, /line 2: there is no column body; there is text, label/],
		['no rows', 'text,label\n', { label: 'label' }, /has no rows/],
		[
			'a class without a train row',
			'text,label,s\na,x,train\nb,y,test',
			{ label: 'label', split: { column: 's' } },
			/no row of class y in the train split/,
		],
		[
			'a target that is no number',
			'text,stars\na,many',
			{ target: 'stars' },
			/line 2: the column stars holds "many", which is no number/,
		],
		['too few rows', two, { label: 'label' }, /too few for one in the split validation/],
		['a ragged row', 'text,label\na,x,1\nb,y', { label: 'label' }, /line 2: 3 cells, but 2 columns/],
		['text that is not UTF-8', Uint8Array.of(0x74, 0x0a, 0xff), { label: 'label' }, /offset 2/],
		['an unknown option', two, { lable: 'label' }, /option lable is unknown; there are .*label/],
		['a label beside a target', two, { label: 'label', target: 'text' }, /cannot stand beside label/],
		['a file outside the folder', two, { split: { files: { train: '../a.csv' } } }, /a file in the folder/],
		['a length of nothing', two, { length: 2 }, /tokens from 3/],
	])('%s', async (_, content, options, message) => {
		await expect(inspect(content, 'csv-text', options)).rejects.toMatchObject(data(message));
	});

	test.each<[string, string, JsonObject, RegExp]>([
		[
			'a word among numbers',
			'a,label\n1,x\nmany,y',
			{ label: 'label' },
			/line 3: the column a holds "many", which is no number/,
		],
		['an empty cell', 'a,label\n1,x\n,y', { label: 'label' }, /line 3: there is no number in the column a/],
		['no column to learn from', 'label\nx\ny', { label: 'label' }, /finds no column beside label/],
		[
			'a word column that is no feature',
			'a,b,label\n1,2,x',
			{ features: ['a'], categorical: ['b'], label: 'label' },
			/names b, which features does not/,
		],
	])('%s', async (_, content, options, message) => {
		await expect(inspect(content, 'csv-table', options)).rejects.toMatchObject(data(message));
	});

	it('files that are not there, and bytes that changed', async () => {
		const at = (uri: string) => inspectDataset({ uri, format: 'csv-text', options: {} });
		await expect(at('file:///nowhere.csv')).rejects.toMatchObject(data(/ENOENT/));
		await expect(at(pathToFileURL(folder).href)).rejects.toMatchObject(data(/is no file.*split\.files/));
		const uri = written(two);
		const source = { uri, format: 'csv-text', options: { label: 'label', split: { fractions: { train: 1 } } } };
		const { version } = await inspectDataset(source);
		writeFileSync(new URL(uri), 'text,label\na,x\nc,y');
		await expect(loadDataset({ ...source, version }, { tokenizer, length: 4 })).rejects.toMatchObject(
			data(/have changed/),
		);
	});
});

it('holds tokens of a large file, and never its text', async () => {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	const used = async () => {
		// What was just let go of is seen a turn later.
		for (let turn = 0; turn < 3; turn++) {
			await new Promise(setImmediate);
			collect();
		}
		const { heapUsed, external } = process.memoryUsage();
		return heapUsed + external;
	};
	const text = Array.from({ length: 12_000 }, (_, i) => `${'wörd'.repeat(400)} ${i},${i % 2 ? 'x' : 'y'}`);
	const source = { format: 'csv-text', options: { label: 'label', length: 16 } };
	const uri = written(['text,label', ...text].join('\n'));
	text.length = 0;
	const { version } = await inspectDataset({ ...source, uri });
	const before = await used();
	const { splits } = await loadDataset({ ...source, uri, version }, { tokenizer });
	expect(splits.train.count).toBe(9_600);
	// The file has 24 MB.
	expect((await used()) - before).toBeLessThan(6e6);
}, 60_000);
