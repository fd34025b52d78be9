import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { datasetLines } from './dataset-lines.js';
import { locate } from './locate.js';
import { parseOptionFlag } from './parse-options.js';

test('options are JSON or text, one on top of the other', () => {
	const given = ['size=[8,8]', 'split.kind=stratified', 'split.seed=3', 'color=grayscale', 'note=a=b'];
	expect(given.reduce((before, text) => parseOptionFlag(text, before), {})).toEqual({
		size: [8, 8],
		split: { kind: 'stratified', seed: 3 },
		color: 'grayscale',
		note: 'a=b',
	});
	for (const wrong of ['size', '=3', '__proto__=1', 'a..b=1'])
		expect(() => parseOptionFlag(wrong)).toThrowError(/name=value/);
});

test('a path becomes an address, and says its format where it can', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'graft-locate-'));
	writeFileSync(path.join(folder, 'mnist.npz'), '');
	writeFileSync(path.join(folder, 'rows.csv'), '');
	expect(locate(folder)).toEqual({ uri: `file://${folder}`, format: 'image-folder' });
	expect(locate(path.join(folder, 'mnist.npz')).format).toBe('numpy');
	expect(locate(path.join(folder, 'rows.csv')).format).toBeNull();
	for (const name of ['pets.ZIP', 'pets.tar', 'pets.tar.gz', 'pets.tgz'])
		expect(locate(`https://example.org/${name}`).format).toBe('image-folder');
	expect(locate('s3://bucket/train-images-idx3-ubyte.gz')).toEqual({
		uri: 's3://bucket/train-images-idx3-ubyte.gz',
		format: 'idx',
	});
	expect(() => locate(path.join(folder, 'gone'))).toThrowError(/There is nothing at/);
	rmSync(folder, { recursive: true });
});

test('what was found is told in a screenful', () => {
	const lines = datasetLines({
		...{ name: 'pets', version: 'a'.repeat(64), task: 'CLASSIFICATION', modality: 'IMAGE', classes: ['cat', 'dog'] },
		splits: [
			{ name: 'train', examples: 1200, classCounts: [700, 500] },
			{ name: 'test', examples: 3, classCounts: [1, 2] },
		],
		statistics: {
			bytes: 1e6,
			distributions: [{ name: 'width', unit: 'px', min: 8, p5: 9, median: 10, p95: 11, max: 1200 }],
			duplicates: {
				examples: 2,
				acrossSplits: 1,
				groups: [
					['cat/1.png', 'cat/2.png'],
					['0', '1', '2', '3', '4', '5', '6'],
				],
			},
			broken: { count: 7, named: [...Array(7).keys()].map((n) => ({ name: `${n}.png`, reason: 'it is cut off' })) },
		},
	});
	expect(lines).toEqual([
		'pets  image, classification into 2 classes, version aaaaaaaaaaaa',
		'',
		'class  train  test',
		'cat      700     1',
		'dog      500     2',
		'all    1,200     3',
		'',
		'            min  5 %  median  95 %    max',
		'width (px)    8    9      10    11  1,200',
		'',
		'2 duplicates, 1 of them across splits:',
		'  cat/1.png = cat/2.png',
		'  0 = 1 = 2 = 3 = 3 more',
		'',
		'7 left out, for they cannot be read:',
		...[0, 1, 2, 3, 4].map((n) => `  ${n}.png: it is cut off`),
		'  … and 2 more',
	]);
});
