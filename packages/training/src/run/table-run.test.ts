import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JsonObject } from '@graft/domain/json';
import { integerBelow, mulberry32 } from '@graft/domain/random';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience, useBackend } from '../testing/backends-here.js';
import { collect } from '../testing/collect.js';
import { registered, runSpec } from '../testing/run-spec.js';
import { tokenizerFromVocabulary } from '../tokenizer/index.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'graft-table-run-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => useBackend());

async function data(name: string, lines: readonly string[], format: string, options: JsonObject) {
	writeFileSync(path.join(folder, name), lines.join('\n'));
	return registered({ uri: pathToFileURL(path.join(folder, name)).href, format, options }, name);
}
const bytes = (json: object) => new TextEncoder().encode(JSON.stringify(json));

describe('texts in a file', () => {
	const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'good', 'bad', ...Array.from('abcdefghij')];
	const tokenizer = bytes(tokenizerFromVocabulary(words.join('\n'), { lowercase: true }));
	const random = mulberry32(1);
	const noise = () => Array.from({ length: 2 + integerBelow(random, 4) }, () => 'abcdefghij'[integerBelow(random, 10)]);
	const lines = Array.from({ length: 120 }, (_, i) => {
		const before = noise();
		return `${[...before, i % 2 ? 'good' : 'bad', ...noise()].join(' ')},${i % 2 ? 'pos' : 'neg'}`;
	});
	const reviews = (options: JsonObject = {}) =>
		data('reviews.csv', ['text,label', ...lines], 'csv-text', {
			...{ label: 'label', length: 16, split: { fractions: { train: 0.75, validation: 0.25 } } },
			...options,
		});
	const specOf = (dataset: Awaited<ReturnType<typeof reviews>>, epochs = 8) =>
		runSpec({
			...{ dataset, architecture: 'small-transformer', epochs, batchSize: 16 },
			strategy: { kind: 'FROM_SCRATCH', learningRate: 3e-3 },
		});

	it(
		'are learned as tokens; a split without examples has no metrics',
		async () => {
			const { result, points } = await collect(specOf(await reviews()), null, { tokenizer });
			expect(result.summary).toMatchObject({ testLoss: null, testAccuracy: null, trainExamples: 90 });
			expect(result.summary.valAccuracy).toBeGreaterThan(0.9);
			expect(points.map(({ key }) => key)).not.toContain('test_loss');
			expect(points.every(({ value }) => Number.isFinite(value))).toBe(true);
		},
		patience(60_000),
	);

	it('are not learned without a tokenizer, nor with one of more tokens than the backbone knows', async () => {
		const spec = specOf(await reviews(), 1);
		await expect(collect(spec, null)).rejects.toMatchObject({
			code: 'DATA',
			message: expect.stringMatching(/has no tokenizer/),
		});
		const many = [...words.slice(0, 5), ...Array.from({ length: 300 }, (_, i) => `w${i}`), 'good'];
		const foreign = bytes(tokenizerFromVocabulary(many.join('\n'), { lowercase: true }));
		await expect(collect(spec, null, { tokenizer: foreign })).rejects.toMatchObject({
			code: 'DATA',
			message: expect.stringMatching(/has the id 305 among its tokens, and the backbone knows 0 to 255/),
		});
	});
});

describe('a table of numbers and words', () => {
	const random = mulberry32(2);
	const rows = Array.from({ length: 200 }, () => {
		const [size, floor, city] = [
			20 + 100 * random(),
			integerBelow(random, 9),
			['Rome', 'Oslo'][integerBelow(random, 2)],
		];
		return `${size},${floor},${city},${(size / 10 + (city === 'Oslo' ? 5 : 0)).toFixed(3)}`;
	});

	it(
		'foretells a number, by its mean absolute error',
		async () => {
			const dataset = await data('flats.csv', ['size,floor,city,price', ...rows], 'csv-table', {
				...{ target: 'price', categorical: ['city'] },
			});
			expect(dataset).toMatchObject({ task: 'REGRESSION', classes: null, input: { shape: [4] } });
			const strategy = { kind: 'FROM_SCRATCH', learningRate: 1e-2 } as const;
			const spec = runSpec({ dataset, architecture: 'small-mlp', strategy, epochs: 40 });
			const { result, points } = await collect(spec, null);
			const mae = points.filter(({ key }) => key === 'test_mae').map(({ value }) => value);
			// Prices lie between 2 and 17; the mean alone is about 3 off.
			expect(mae[0]).toBeLessThan(0.6);
			expect(result.summary).toMatchObject({ testAccuracy: null, testMae: mae[0] });
		},
		patience(60_000),
	);
});
