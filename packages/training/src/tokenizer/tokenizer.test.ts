import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import json from '../../vectors/tokenizers.json' with { type: 'json' };
import { parseTokenizer, readTokenizerFiles, tokenizerFromMerges, tokenizerFromVocabulary } from './index.js';

interface Vectors {
	readonly vocabulary: readonly string[];
	readonly cases: readonly {
		readonly text: string;
		readonly pair: string | null;
		readonly length: number;
		readonly ids: readonly number[];
		readonly segments: readonly number[];
	}[];
}
const vectors = json as Vectors;

const bytes = (content: object) => new TextEncoder().encode(JSON.stringify(content));
const wordPiece = (words: readonly string[], lowercase = true) =>
	parseTokenizer(bytes(tokenizerFromVocabulary(words.join('\n'), { lowercase })));

// The vocabularies and the results of Hugging Face's own tests (tests/models/bert, openai, gpt2).
const BERT = '[UNK] [CLS] [SEP] [PAD] [MASK] want ##want ##ed wa un runn ##ing , low lowest'.split(' ');
const GPT2 = 'l o w e r s t i d n Ġ Ġl Ġn Ġlo Ġlow er Ġlowest Ġnewer Ġwider <unk> <|endoftext|>'.split(' ');

describe('WordPiece', () => {
	const toy = wordPiece(BERT);

	it("splits as BERT's tests say", () => {
		expect(toy.tokenize('UNwantéd,running')).toEqual(['un', '##want', '##ed', ',', 'runn', '##ing']);
		expect(toy.encode('UNwantéd,running', null, 512)).toEqual({
			ids: [1, 9, 6, 7, 12, 10, 11, 2],
			segments: [0, 0, 0, 0, 0, 0, 0, 0],
		});
		expect(toy.tokenize('unwantedX running')).toEqual(['[UNK]', 'runn', '##ing']);
		expect(toy.tokenize(`low ${'a'.repeat(101)} lowest`)).toEqual(['low', '[UNK]', 'lowest']);
		expect(toy.paddingId).toBe(3);
		expect(toy.vocabularySize).toBe(15);
	});

	// Each word and sign is a token of its own here: what is seen is the basic tokenizer.
	test.each([
		[' \tHeLLo!how  \n Are yoU?  ', 'hello ! how are you ?'],
		["a\n'll !!to?'d of, can't.", "a ' ll ! ! to ? ' d of , can ' t ."],
		['ah\u535A\u63A8zz', 'ah \u535A \u63A8 zz'],
		['H\u00E9llo', 'hello'],
		['so\u00ADft', 'soft'],
		['a-b$c`d', 'a - b $ c ` d'],
	])('basic: %j is %j', (text, words) => {
		const found = words.split(' ');
		const special = BERT.slice(0, 5);
		expect(wordPiece([...special, ...new Set(found)]).tokenize(text)).toEqual(found);
	});

	it('keeps accents and capitals where the model is cased', () => {
		expect(wordPiece([...BERT, 'Héllo'], false).tokenize('Héllo')).toEqual(['Héllo']);
	});

	it('has the ids of bert-base-uncased where its tokens stand', () => {
		const known: Record<string, number> = { hello: 7592, ',': 1010, my: 2026, dog: 3899, is: 2003, cute: 10140 };
		const words = Array.from({ length: 30_522 }, (_, index) => `[unused${index}]`);
		for (const [index, token] of ['[UNK]', '[CLS]', '[SEP]', '[MASK]'].entries()) words[100 + index] = token;
		words[0] = '[PAD]';
		for (const [token, id] of Object.entries(known)) words[id] = token;
		const bert = wordPiece(words);
		expect(bert.encode('Hello, my dog is cute', null, 512).ids).toEqual([
			101, 7592, 1010, 2026, 3899, 2003, 10140, 102,
		]);
		expect(bert.vocabularySize).toBe(30_522);
		expect(bert.paddingId).toBe(0);
	});

	it('takes special tokens that are written for what they are', () => {
		const more = wordPiece([...BERT, 'a', 'naive', 'allen', '##nl', '##p', 'sentence', '.']);
		expect(more.tokenize('A, naïve [MASK] AllenNLP sentence.')).toEqual(
			'a , naive [MASK] allen ##nl ##p sentence .'.split(' '),
		);
	});
});

describe('byte-level pairs', () => {
	const merges = '#version: 0.2\nĠ l\nĠl o\nĠlo w\ne r\n';
	const toy = (prefixSpace: boolean) =>
		parseTokenizer(
			bytes(tokenizerFromMerges(Object.fromEntries(GPT2.map((token, id) => [token, id])), merges, { prefixSpace })),
		);

	it("merges as GPT-2's tests say", () => {
		expect(toy(true).tokenize('lower newer')).toEqual('Ġlow er Ġ n e w er'.split(' '));
		expect(toy(true).encode('lower newer', null, 512)).toEqual({
			ids: [14, 15, 10, 9, 3, 2, 15],
			segments: [0, 0, 0, 0, 0, 0, 0],
		});
	});

	test.each([
		[' Hello  world\n\n', 'ĠHello Ġ Ġworld ĊĊ'],
		["I'm 100% sure, they'll don't've é 😀", "I 'm Ġ100 % Ġsure , Ġthey 'll Ġdon 't 've ĠÃ© ĠðŁĺĢ"],
	])('%j is cut into %j before any merge', (text, words) => {
		// With a merge for each of the words, the words are the tokens.
		const found = words.split(' ');
		const steps = found.flatMap((word) => {
			const letters = [...word];
			return letters.slice(1).map((letter, at) => `${letters.slice(0, at + 1).join('')} ${letter}`);
		});
		const tokens = [...new Set([...found.flatMap((word) => [...word]), ...steps.map((step) => step.replace(' ', ''))])];
		const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
		const json = tokenizerFromMerges(vocab, [...new Set(steps)].join('\n'), { prefixSpace: false });
		expect(parseTokenizer(bytes(json)).tokenize(text)).toEqual(found);
	});

	it("has GPT-2's ids, with its special token between", () => {
		const steps = 'h e,he l,hel l,hell o,Ġ w,Ġw o,Ġwo r,Ġwor l,Ġworl d'.split(',');
		const tokens = [...'helowrd', ...steps.map((step) => step.replace(' ', ''))];
		const ids = { Ġ: 220, hello: 31_373, Ġworld: 995, '<|endoftext|>': 50_256 };
		const vocab = { ...Object.fromEntries(tokens.map((token, id) => [token, id])), ...ids };
		const json = tokenizerFromMerges(vocab, steps.join('\n'), { prefixSpace: false });
		const gpt2 = parseTokenizer(bytes(json));
		expect(gpt2.encode('hello world', null, 512).ids).toEqual([31_373, 995]);
		expect(gpt2.encode('hello <|endoftext|>', null, 512).ids).toEqual([31_373, 220, 50_256]);
	});
});

// Made by Hugging Face's own library: packages/training/scripts/tokenizer-vectors.py.
describe('truncation and pairs', () => {
	test.each(vectors.cases)('$text with $pair in $length tokens', ({ text, pair, length, ids, segments }) => {
		expect(wordPiece(vectors.vocabulary).encode(text, pair, length)).toEqual({ ids, segments });
	});

	it('never gives more tokens than were asked for, whatever the texts', () => {
		const toy = wordPiece(BERT);
		const text = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.string({ unit: fc.constantFrom('low ', 'want', 'é', '博', '\u0000') }),
		);
		fc.assert(
			fc.property(text, fc.option(text), fc.integer({ min: 3, max: 40 }), (one, two, length) => {
				const { ids, segments } = toy.encode(one, two, length);
				expect(ids.length).toBeLessThanOrEqual(length);
				expect(segments).toHaveLength(ids.length);
				expect([ids[0], ids.at(-1)]).toEqual([1, 2]);
				expect(Math.max(...ids)).toBeLessThan(toy.vocabularySize);
			}),
		);
	}, 30_000);
});

describe('files', () => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'graft-tokenizer-'));
	afterAll(() => rmSync(folder, { recursive: true }));
	const write = (files: Record<string, string | Uint8Array>) => {
		const at = mkdtempSync(path.join(folder, 'model-'));
		for (const [name, content] of Object.entries(files)) writeFileSync(path.join(at, name), content);
		return at;
	};

	it('tokenizer.json is kept byte for byte, before all others', async () => {
		const text = `${JSON.stringify(tokenizerFromVocabulary(BERT.join('\n'), { lowercase: true }))} `;
		const at = write({ 'tokenizer.json': text, 'vocab.txt': 'other' });
		expect(new TextDecoder().decode(await readTokenizerFiles(at))).toBe(text);
		expect(await readTokenizerFiles(path.join(at, 'tokenizer.json'))).toEqual(await readTokenizerFiles(at));
	});

	it('vocab.txt, with what tokenizer_config.json says of capitals', async () => {
		const cased = write({
			'vocab.txt': [...BERT, 'Low'].join('\n'),
			'tokenizer_config.json': '{"do_lower_case": false}',
		});
		expect(parseTokenizer(await readTokenizerFiles(cased)).tokenize('Low low')).toEqual(['Low', 'low']);
		const plain = write({ 'vocab.txt': BERT.join('\n') });
		expect(parseTokenizer(await readTokenizerFiles(path.join(plain, 'vocab.txt'))).tokenize('LOW')).toEqual(['low']);
	});

	it('vocab.json with merges.txt', async () => {
		const vocab = JSON.stringify(Object.fromEntries(GPT2.map((token, id) => [token, id])));
		const at = write({ 'vocab.json': vocab, 'merges.txt': 'Ġ l\nĠl o\nĠlo w\ne r\n' });
		expect(parseTokenizer(await readTokenizerFiles(at)).tokenize(' lower')).toEqual(['Ġlow', 'er']);
	});

	test.each<[string, Record<string, string | Uint8Array>, RegExp]>([
		['nothing', {}, /no tokenizer in .*tokenizer\.json, vocab\.txt, or vocab\.json with merges\.txt/],
		['a token twice', { 'vocab.txt': 'a\nb\na' }, /token "a" twice, in lines 1 and 3/],
		['no special tokens', { 'vocab.txt': 'a\nb' }, /no token \[PAD\]/],
		['bytes that are no text', { 'vocab.txt': Uint8Array.of(0x61, 0xff) }, /vocab\.txt is not UTF-8/],
		['a merge of three', { 'vocab.json': '{"a":0}', 'merges.txt': 'a b\na b c' }, /line 2 no two tokens/],
		['a vocabulary that is none', { 'vocab.json': '[', 'merges.txt': '' }, /vocab\.json is not JSON/],
	])('%s is refused', async (_, files, message) => {
		await expect(readTokenizerFiles(write(files))).rejects.toMatchObject({
			code: 'DATA',
			message: expect.stringMatching(message),
		});
	});

	test.each<[string, string, RegExp]>([
		['no JSON', '{', /not JSON/],
		['a list', '[]', /not a JSON object/],
		['no vocabulary', '{"model":{"type":"Unigram","vocab":[["a",0]]}}', /no model\.vocab/],
		['an id below 0', '{"model":{"vocab":{"a":-1}}}', /token "a" has the id -1/],
		['an unknown kind', '{"model":{"type":"Odd","vocab":{"a":1}}}', /cannot be used/],
	])('a tokenizer.json with %s is refused', (_, text, message) => {
		expect(() => parseTokenizer(new TextEncoder().encode(text))).toThrowError(message);
	});

	it('any JSON is either a tokenizer or refused by name', () => {
		fc.assert(
			fc.property(fc.json(), (text) => {
				try {
					parseTokenizer(new TextEncoder().encode(text));
				} catch (error) {
					expect(error).toMatchObject({ name: 'GraftError', code: 'DATA' });
				}
			}),
		);
	});
});
