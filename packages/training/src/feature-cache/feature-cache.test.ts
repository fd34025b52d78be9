import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AugmentationSpec } from '@graft/domain/recipe';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestWeights, type FeatureSource, featureKey } from './feature-key.js';
import { openFeatureCache } from './index.js';

let folder: string;
let now = 1_000_000_000_000;
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'graft-features-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const MEGABYTE = 1024 * 1024;
const open = (maxBytes = MEGABYTE) => openFeatureCache({ folder, maxBytes, backend: 'wasm', now: () => now });
const numbers = (count: number, first = 0) => Float32Array.from({ length: count }, (_, index) => first + index / 3);
const fileOf = (key: string) => path.join(folder, `${key}.f32`);

describe('an entry', () => {
	it('comes back bit by bit, in any process that opens the folder', async () => {
		await fc.assert(
			fc.asyncProperty(fc.float32Array({ maxLength: 300 }), async (values) => {
				expect(await open().write('key', values)).toEqual({ kind: 'stored' });
				const read = await open().read('key');
				if (read.kind !== 'hit') throw new Error(read.kind);
				expect(Buffer.compare(Buffer.from(read.values.buffer), Buffer.from(values.slice().buffer))).toBe(0);
			}),
			{ numRuns: 30 },
		);
		expect(await open().read('other')).toEqual({ kind: 'miss' });
	});

	it.each<[string, (bytes: Buffer) => Buffer]>([
		['one bit', (bytes) => bytes.fill(bytes.readUInt8(50) ^ 4, 50, 51)],
		['the digest', (bytes) => bytes.fill(bytes.readUInt8(3) ^ 1, 3, 4)],
		['the end', (bytes) => bytes.subarray(0, bytes.length - 4)],
		['half a number', (bytes) => bytes.subarray(0, bytes.length - 2)],
		['nearly everything', () => Buffer.alloc(8)],
	])('is damaged when %s is wrong, and is replaced by writing', async (_, damage) => {
		await open().write('key', numbers(100));
		writeFileSync(fileOf('key'), damage(readFileSync(fileOf('key'))));
		expect(await open().read('key')).toMatchObject({ kind: 'damaged', why: expect.any(String) });
		await open().write('key', numbers(100));
		expect(await open().read('key')).toEqual({ kind: 'hit', values: numbers(100) });
	});
});

describe('an entry that stays on disk', () => {
	async function* inPieces(values: Float32Array, sizes: readonly number[]): AsyncGenerator<Float32Array> {
		let at = 0;
		for (const size of [...sizes, values.length]) {
			yield values.subarray(at, at + size);
			at += size;
		}
	}

	it('is the entry that is written at once, whatever pieces it comes in, and gives any stretch of its numbers', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.float32Array({ minLength: 1, maxLength: 300 }),
				fc.array(fc.nat(100), { maxLength: 5 }),
				fc.nat(),
				fc.nat(),
				async (values, sizes, from, count) => {
					const written = await open().stream('pieces', values.length, inPieces(values, sizes));
					await open().write('whole', values);
					expect(readFileSync(fileOf('pieces')).equals(readFileSync(fileOf('whole')))).toBe(true);
					const found = await open().open('pieces');
					if (written.kind !== 'stored' || found.kind !== 'hit') throw new Error(`${written.kind}, ${found.kind}`);
					const at = from % values.length;
					const into = new Float32Array(count % (values.length - at + 1));
					for (const { numbers } of [written, found]) {
						expect(numbers.length).toBe(values.length);
						await numbers.read(into.fill(-1), at);
						expect(into).toEqual(values.slice(at, at + into.length));
						await numbers.close();
					}
				},
			),
			{ numRuns: 30 },
		);
	});

	it('is compared with its digest when it is opened', async () => {
		await open().write('key', numbers(100));
		const bytes = readFileSync(fileOf('key'));
		writeFileSync(fileOf('key'), bytes.fill(bytes.readUInt8(200) ^ 1, 200, 201));
		expect(await open().open('key')).toEqual({ kind: 'damaged', why: 'its digest does not fit' });
		expect(await open().open('other')).toEqual({ kind: 'miss' });
	});

	it('stays readable while it is open, whoever removes it', async () => {
		const written = await open().stream('key', 100, inPieces(numbers(100), []));
		rmSync(fileOf('key'));
		if (written.kind !== 'stored') throw new Error(written.kind);
		const into = new Float32Array(3);
		await written.numbers.read(into, 7);
		expect(into).toEqual(numbers(100).slice(7, 10));
		await written.numbers.close();
	});

	it('leaves nothing where its numbers fail to come, and fails as they do', async () => {
		async function* broken(): AsyncGenerator<Float32Array> {
			yield numbers(10);
			throw new RangeError('cancelled');
		}
		await expect(open().stream('key', 100, broken())).rejects.toThrowError(new RangeError('cancelled'));
		expect(readdirSync(folder)).toEqual([]);
		expect(await open(50).stream('key', 100, broken())).toMatchObject({ kind: 'refused' });
	});
});

describe('the limit', () => {
	// 1,000 numbers and a digest are 4,032 bytes: three entries fit.
	const store = async (key: string) => {
		now += 1000;
		await open(13_000).write(key, numbers(1000));
	};

	it('removes what was not used for the longest time', async () => {
		for (const key of ['a', 'b', 'c']) await store(key);
		now += 1000;
		expect((await open(13_000).read('a')).kind).toBe('hit');
		await store('d');
		expect(readdirSync(folder).sort()).toEqual(['a.f32', 'c.f32', 'd.f32']);
		await store('e');
		expect(readdirSync(folder).sort()).toEqual(['a.f32', 'd.f32', 'e.f32']);
	});

	it('refuses what is larger than all of it, and leaves the rest', async () => {
		await store('a');
		expect(await open(5000).write('large', numbers(2000))).toEqual({
			kind: 'refused',
			why: '8032 bytes are more than its limit of 5000',
		});
		expect(readdirSync(folder)).toEqual(['a.f32']);
	});

	it('clears what a process that died had begun, but nothing that is being written', async () => {
		await store('a');
		for (const [name, age] of [
			['old.f32.1.part', 7200],
			['new.f32.1.part', 10],
		] as const) {
			writeFileSync(path.join(folder, name), 'half');
			utimesSync(path.join(folder, name), now / 1000 - age, now / 1000 - age);
		}
		await store('b');
		expect(readdirSync(folder).sort()).toEqual(['a.f32', 'b.f32', 'new.f32.1.part']);
	});
});

describe('several trainers', () => {
	it('write, read and evict in one folder without a broken entry or an error', async () => {
		const caches = Array.from({ length: 4 }, () => open(13_000));
		const jobs = Array.from({ length: 120 }, async (_, job) => {
			const cache = caches[job % 4];
			const key = `key${job % 5}`;
			if (job % 2 === 0) return (await cache?.write(key, numbers(1000, job % 5)))?.kind;
			const read = await cache?.read(key);
			if (read?.kind === 'hit') expect(read.values).toEqual(numbers(1000, job % 5));
			return read?.kind;
		});
		expect(new Set(await Promise.all(jobs))).not.toContain('damaged');
		expect(await Promise.all(jobs)).not.toContain('refused');
		expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
	});

	it('say why where the folder cannot be', async () => {
		writeFileSync(path.join(folder, 'file'), '');
		const cache = openFeatureCache({ folder: path.join(folder, 'file', 'cache'), maxBytes: 1000, backend: 'wasm' });
		expect(await cache.write('key', numbers(3))).toMatchObject({ kind: 'refused', why: expect.stringMatching(/DIR/) });
		expect(existsSync(fileOf('key'))).toBe(false);
	});
});

describe('the key', () => {
	const layer = { name: 'backbone/conv', group: 'block1', inputs: ['input'], outputShape: [4], weights: [] } as const;
	const dropout = (rate: number) => ({ ...layer, layer: { kind: 'dropout', name: 'conv', rate } as const });
	const input = { shape: [4], preprocessing: null, tokenizer: null, maxLength: null };
	const augmentation: AugmentationSpec = {
		...{ flip: 'none', shift: 0.1, rotation: 0, zoom: 0, brightness: 0, crop: 0 },
		...{ fill: 'reflect', fillValue: 0, copies: 2 },
	};
	const source: FeatureSource = {
		backend: 'wasm',
		trunk: [dropout(0.1)],
		weightsDigest: 'w',
		dataset: { version: 'v', input },
		split: 'train',
		rows: null,
	};

	it.each<Partial<FeatureSource>>([
		{ backend: 'cpu' },
		{ trunk: [dropout(0.1), dropout(0.1)] },
		{ trunk: [dropout(0.2)] },
		{ weightsDigest: 'x' },
		{ dataset: { version: 'x', input } },
		{ dataset: { version: 'v', input: { ...input, preprocessing: { scale: 2 } as never } } },
		{ split: 'test' },
		{ rows: [1, 2] },
		{ rows: [1, 3] },
		{ preprocessing: 'caffe' },
		{ copy: { augmentation, number: 0 } },
	])('differs with %j', (change) => {
		expect(featureKey({ ...source, ...change })).not.toBe(featureKey(source));
		expect(featureKey({ ...source, ...change })).toMatch(/^[0-9a-f]{64}$/);
	});

	it('tells copies and their augmentation apart, but not how many copies there are', () => {
		const keyOf = (number: number, over: Partial<AugmentationSpec> = {}) =>
			featureKey({ ...source, copy: { augmentation: { ...augmentation, ...over }, number } });
		expect(new Set([keyOf(0), keyOf(1), keyOf(0, { shift: 0.2 })]).size).toBe(3);
		expect(keyOf(1, { copies: 9 })).toBe(keyOf(1));
	});

	it('does not depend on the order of examples, nor on that of weights', () => {
		expect(featureKey({ ...source, rows: [10, 9, 2] })).toBe(featureKey({ ...source, rows: [2, 10, 9] }));
		const weights = ['a', 'b'].map((name) => [name, { shape: [2], values: numbers(2, name.length) }] as const);
		expect(digestWeights(new Map(weights))).toBe(digestWeights(new Map([...weights].reverse())));
	});

	it('tells weights apart by one bit, by name and by shape', () => {
		const digests = [
			digestWeights(new Map([['a', { shape: [2], values: Float32Array.of(0, 1) }]])),
			digestWeights(new Map([['a', { shape: [2], values: Float32Array.of(-0, 1) }]])),
			digestWeights(new Map([['b', { shape: [2], values: Float32Array.of(0, 1) }]])),
			digestWeights(new Map([['a', { shape: [1, 2], values: Float32Array.of(0, 1) }]])),
		];
		expect(new Set(digests).size).toBe(4);
	});
});
