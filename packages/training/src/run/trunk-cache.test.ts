import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FeatureCache, openFeatureCache } from '../feature-cache/index.js';
import { backendsHere, patience, useBackend } from '../testing/backends-here.js';
import { type Collected, collect } from '../testing/collect.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { LINEAR_HEAD, runSpec, type SpecRequest } from '../testing/run-spec.js';
import { tinyDataset } from '../testing/tiny-dataset.js';
import { isWholeWorthIt } from './trunk-features.js';

let dataset: RunSpec['dataset'];
let remove = () => {};
let folder: string;
beforeAll(async () => {
	({ dataset, remove } = await tinyDataset(10));
});
afterAll(() => remove());
beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'graft-features-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Request = Omit<SpecRequest, 'dataset' | 'pretrained'>;
const cacheOf = (backend: string): FeatureCache => openFeatureCache({ folder, maxBytes: 1e8, backend });
const entries = () => readdirSync(folder).length;

/** What the run took from the cache, in order: phases as "hits of all", then the test split. */
function told(lines: readonly string[]): string[] {
	const found = lines.map((line) => /Feature cache: (\d of \d) splits hit|Test split: feature cache (\w+)/.exec(line));
	return found.filter((match) => match !== null).map((match) => match[1] ?? match[2] ?? '');
}

const numbers = ({ points }: Collected) => points.map((point) => point.value);

describe.each(backendsHere())('%s', { timeout: patience(30_000) }, (backend) => {
	let pretrained: Uint8Array;
	beforeAll(async () => {
		await useBackend(backend);
		const spec = runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' }, batchSize: 8, epochs: 2 });
		pretrained = (await collect(spec, null)).result.checkpoint;
	});
	/** Trains with a cache of its own process, so to say: only the folder is shared. */
	async function train(request: Request, cached = true, trunkBytes?: number) {
		const lines: string[] = [];
		const spec = runSpec({ dataset, pretrained: true, batchSize: 8, ...request });
		const run = await collect(spec, pretrained, {
			onLog: (line) => lines.push(line),
			...(cached ? { featureCache: cacheOf(backend), trunkBytes } : { trunkBytes: 0 }),
		});
		return { ...run, told: told(lines), lines };
	}
	/** Main memory for no activation at all. */
	const fromDisk = (request: Request) => train(request, true, 0);

	it.each<StrategyInput>([
		{ kind: 'FEATURE_EXTRACTION', learningRate: 0.01 },
		{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block4', batchNorm: 'TRAIN_STATISTICS', learningRate: 0.01 },
		{ kind: 'GRADUAL_UNFREEZE', learningRate: 0.01 },
	])('gives the numbers of the run that recomputes its trunk, and a hit the bits of the miss: %j', async (strategy) => {
		const request = { strategy, epochs: 4, head: { pooling: 'average', hidden: [6], dropout: 0.3 } as const };
		const [plain, miss, hit] = [await train(request, false), await train(request), await train(request)];
		expect(miss.told[0]).toBe('0 of 2');
		expect(hit.told[0]).toBe('2 of 2');
		expect(miss.points.map(({ key, step }) => [key, step])).toEqual(plain.points.map(({ key, step }) => [key, step]));
		expectClose(numbers(miss), numbers(plain), 1e-5);
		expect(numbers(hit)).toEqual(numbers(miss));
		expect(Buffer.compare(hit.result.checkpoint, miss.result.checkpoint)).toBe(0);
	});

	it.each<Request>([
		{ strategy: { kind: 'FEATURE_EXTRACTION', learningRate: 0.01 }, head: { ...LINEAR_HEAD, dropout: 0.3 } },
		{ strategy: { kind: 'GRADUAL_UNFREEZE', learningRate: 0.01 } },
		{ strategy: { kind: 'FEATURE_EXTRACTION', learningRate: 0.01 }, trainExamplesPerClass: 5 },
	])('has the bits of activations in memory where they are read from disk: %j', async (asked) => {
		const request = { epochs: 4, ...asked };
		const [miss, hit] = [await fromDisk(request), await fromDisk(request)];
		const inMemory = await train(request);
		expect([miss.told[0], hit.told[0], inMemory.told[0]]).toEqual(['0 of 2', '2 of 2', '2 of 2']);
		expect(miss.lines.filter((line) => /read from disk \(\d+ bytes\)/.test(line))).not.toEqual([]);
		for (const run of [miss, hit]) {
			expect(numbers(run)).toEqual(numbers(inMemory));
			expect(Buffer.compare(run.result.checkpoint, inMemory.result.checkpoint)).toBe(0);
		}
	});

	it('serves seeds, label budgets, heads and rates from one matrix a split', async () => {
		const strategy = { kind: 'FEATURE_EXTRACTION', learningRate: 0.01 } as const;
		const first = await train({ strategy, epochs: 3 });
		expect([first.told, entries()]).toEqual([['0 of 2', 'miss'], 3]);
		for (const request of [
			{ strategy, seed: 7, epochs: 3 },
			{ strategy, seed: 3, trainExamplesPerClass: 2 },
			{ strategy: { ...strategy, learningRate: 0.1 }, trainExamplesPerClass: 5, epochs: 2 },
			{ strategy, head: { pooling: 'average', hidden: [5], dropout: 0.5 } },
		] as const) {
			const [plain, cached] = [await train(request, false), await train(request)];
			expect(cached.told).toEqual(['2 of 2', 'hit']);
			expectClose(numbers(cached), numbers(plain), 1e-5);
		}
		expect(entries()).toBe(3);
	});

	it('computes a damaged entry anew, replaces it and says so', async () => {
		const request: Request = { strategy: { kind: 'FEATURE_EXTRACTION' }, epochs: 2 };
		const first = await train(request);
		for (const name of readdirSync(folder)) {
			const bytes = readFileSync(path.join(folder, name));
			bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
			writeFileSync(path.join(folder, name), bytes);
		}
		const again = await train(request);
		expect(again.told).toEqual(['0 of 2', 'miss']);
		expect(again.lines.filter((line) => /entry of the feature cache is damaged/.test(line))).toHaveLength(3);
		expect(numbers(again)).toEqual(numbers(first));
		expect((await train(request)).told).toEqual(['2 of 2', 'hit']);
	});
});

describe('activations that are too large for main memory', () => {
	const strategy = { kind: 'FEATURE_EXTRACTION' } as const;
	const openFiles = () =>
		readdirSync('/proc/self/fd').filter((fd) => {
			try {
				return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
			} catch {
				return false;
			}
		}).length;

	it.runIf(process.platform === 'linux')('leave no file open, also where the run is cancelled', async () => {
		await useBackend();
		const cancel = new AbortController();
		const spec = runSpec({ dataset, strategy, epochs: 2 });
		const mostOpen: number[] = [];
		const extra = { featureCache: cacheOf('wasm'), trunkBytes: 0 };
		await collect(spec, null, { ...extra, onProgress: () => mostOpen.push(openFiles()) });
		expect(Math.max(...mostOpen)).toBe(2);
		const cancelled = collect(spec, null, { ...extra, signal: cancel.signal, onProgress: () => cancel.abort() });
		await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
		expect(openFiles()).toBe(0);
	});

	it('give a run that was killed in an epoch, and found them again, the bits of one that was not', async () => {
		await useBackend();
		const spec = runSpec({ dataset, strategy, epochs: 3, batchSize: 6, head: { ...LINEAR_HEAD, dropout: 0.3 } });
		const extra = () => ({ featureCache: cacheOf('wasm'), trunkBytes: 0 });
		const whole = await collect(spec, null, extra());
		for (const until of [1, 3, 4]) {
			const killed = new AbortController();
			const files: Uint8Array[] = [];
			const run = collect(spec, null, {
				...extra(),
				signal: killed.signal,
				checkpoints: { everySteps: 1, onCheckpoint: (file) => void files.push(file) },
				onProgress: ({ step }) => (step ?? 0) > until && killed.abort(),
			});
			await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
			const resumed = await collect(spec, null, { ...extra(), resume: files.at(-1) });
			expect(Buffer.compare(resumed.result.checkpoint, whole.result.checkpoint)).toBe(0);
		}
	});

	it.each([
		[
			'without a cache',
			null,
			/computed in each step: its activations would take \d+ bytes, and there is no feature cache/,
		],
		['with a cache that has no room', 500, /would take \d+ bytes, and the feature cache has 500\.$/],
	])('are computed in each step %s, with the same numbers', async (_, maxBytes, says) => {
		await useBackend();
		const lines: string[] = [];
		const spec = runSpec({ dataset, strategy, epochs: 2 });
		const featureCache = maxBytes === null ? null : openFeatureCache({ folder, maxBytes, backend: 'wasm' });
		const run = await collect(spec, null, { featureCache, trunkBytes: 0, onLog: (line) => lines.push(line) });
		expect(lines.filter((line) => says.test(line))).toHaveLength(1);
		expectClose(numbers(run), numbers(await collect(spec, null)), 1e-5);
		expect(entries()).toBe(0);
	});

	it('are computed in each step where the disk takes nothing, and that is said', async () => {
		await useBackend();
		writeFileSync(path.join(folder, 'file'), '');
		const lines: string[] = [];
		const spec = runSpec({ dataset, strategy, epochs: 2 });
		const featureCache = openFeatureCache({ folder: path.join(folder, 'file'), maxBytes: 1e8, backend: 'wasm' });
		const run = await collect(spec, null, { featureCache, trunkBytes: 0, onLog: (line) => lines.push(line) });
		// Once for the phase, once for the test split.
		expect(lines.filter((line) => /^The feature cache took nothing: E\w+/.test(line))).toHaveLength(2);
		expect(lines.filter((line) => /^The trunk \(.*\) is computed in each step\.$/.test(line))).toHaveLength(1);
		expectClose(numbers(run), numbers(await collect(spec, null)), 1e-5);
	});
});

describe('a few rows of a large split', () => {
	it('get an entry of their own, shared by all who chose the same', async () => {
		await useBackend();
		const lines: string[] = [];
		const run = async (learningRate: number, seed: number) => {
			const strategy = { kind: 'FEATURE_EXTRACTION', learningRate } as const;
			const spec = runSpec({ dataset, strategy, seed, trainExamplesPerClass: 2, epochs: 2 });
			return await collect(spec, null, { onLog: (line) => lines.push(line), featureCache: cacheOf('wasm') });
		};
		// 4 rows in 2 epochs are fewer than the 10 of the split. A random trunk is drawn by the seed: 3 entries a seed.
		await run(0.01, 1);
		await run(0.02, 1);
		await run(0.01, 2);
		expect(told(lines)).toEqual(['0 of 2', 'miss', '2 of 2', 'hit', '0 of 2', 'miss']);
		expect(entries()).toBe(6);
	});

	it.each([
		[4, 20, 4, true, false],
		[4, 20, 5, true, true],
		[20, 20, 1, true, true],
		[20, 20, 100, false, false],
	])('%i of %i used %i times (fits: %s): the whole %s', (rows, all, uses, fits, whole) => {
		expect(isWholeWorthIt(rows, all, uses, fits)).toBe(whole);
	});
});
