import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectFromJson } from './inspect-dataset.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'graft-inspect-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'reviews.csv');
writeFileSync(file, 'text,label\na good film,pos\na very bad film,neg\n');
const source = {
	...{ uri: pathToFileURL(file).href, format: 'csv-text' },
	options: { label: 'label', split: { fractions: { train: 1 } } },
};

describe('inspect-dataset', () => {
	it('counts texts in words, and in tokens where it is told whose', async () => {
		writeFileSync(path.join(folder, 'vocab.txt'), '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\ngood\nba\n##d\nfilm\nvery');
		const words = { name: 'words', min: 3, max: 4 };
		expect((await inspectFromJson(JSON.stringify(source))).statistics?.distributions).toMatchObject([words]);
		const inspected = await inspectFromJson(JSON.stringify({ ...source, tokenizer: folder }));
		expect(inspected.statistics?.distributions).toMatchObject([words, { name: 'tokens', min: 5, max: 7 }]);
	});

	it.each([
		['{', /--json is no JSON text/],
		[JSON.stringify({ ...source, tokeniser: 'x' }), /does not describe data .*tokeniser/],
		[JSON.stringify({ ...source, tokenizer: '/nowhere' }), /There is no tokenizer in \/nowhere/],
	])('refuses %s', async (text, message) => {
		await expect(inspectFromJson(text)).rejects.toThrowError(message);
	});
});
