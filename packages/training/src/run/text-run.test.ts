import { GraftError } from '@graft/domain/error';
import { integerBelow, mulberry32 } from '@graft/domain/random';
import type { RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import { beforeAll, describe, expect, it } from 'vitest';
import { SPLIT_NAMES } from '../dataset/dataset-spec.js';
import { type TokenText, tokenDataset } from '../dataset/token-dataset.js';
import { buildNetwork } from '../network/network.js';
import { readSafetensors } from '../safetensors/index.js';
import { patience, useBackend } from '../testing/backends-here.js';
import { collect } from '../testing/collect.js';
import { runSpec } from '../testing/run-spec.js';
import { splitNetwork } from './phase-network.js';

const CLASSES = ['first', 'second'];
const LENGTH = 10;

/** 4 to 10 tokens of noise behind a first token; the class is which of two words comes before the other. */
function texts(count: number, seed: number): TokenText[] {
	const random = mulberry32(seed);
	return Array.from({ length: count }, (_, index) => {
		const label = index % 2;
		const ids = [1, ...Array.from({ length: 4 + integerBelow(random, 6) }, () => 20 + integerBelow(random, 50))];
		const places = [1 + integerBelow(random, 2), 3 + integerBelow(random, ids.length - 3)];
		ids[places[label] ?? 1] = 7;
		ids[places[1 - label] ?? 3] = 9;
		return { ids, label };
	});
}
const dataset = tokenDataset(
	{ train: texts(160, 1), validation: texts(40, 2), test: texts(60, 3) },
	{ classes: CLASSES, length: LENGTH },
);
const registeredTexts: RunSpec['dataset'] = {
	...{ id: 'texts', name: 'texts', version: dataset.version, task: 'CLASSIFICATION', classes: CLASSES },
	splits: SPLIT_NAMES.map((name) => ({ name, examples: dataset.splits[name].count, classCounts: null })),
	input: { shape: dataset.inputShape, preprocessing: null, tokenizer: null, maxLength: LENGTH },
	...{ uri: 'memory:', format: 'tokens', options: {} },
};
const specOf = (strategy: StrategyInput, over: Partial<Parameters<typeof runSpec>[0]> = {}) =>
	runSpec({ dataset: registeredTexts, architecture: 'small-transformer', strategy, ...over });

let weights: Uint8Array;
let accuracy: number | null | undefined;
beforeAll(async () => {
	await useBackend();
	const spec = specOf({ kind: 'FROM_SCRATCH', learningRate: 3e-3 }, { epochs: 25, batchSize: 16 });
	const { result } = await collect(spec, null, { dataset });
	weights = result.checkpoint;
	accuracy = result.summary.testAccuracy;
}, patience(60_000));

describe('a small Transformer', () => {
	it('learns the order of two words, which no bag of words tells', () => {
		expect(accuracy).toBeGreaterThan(0.9);
	});

	it.each<StrategyInput>([
		{ kind: 'FEATURE_EXTRACTION' },
		{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'layer1' },
		{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'pooler' },
	])('gives the same numbers with and without its trunk computed once: %j', async (strategy) => {
		const spec = specOf(strategy, { pretrained: true, epochs: 2 });
		const cached = await collect(spec, weights, { dataset });
		const plain = await collect(spec, weights, { dataset, trunkBytes: 0 });
		expect(cached.events.map(({ kind }) => kind)).toContain('TRUNK_CACHED');
		expect(plain.events.map(({ kind }) => kind)).not.toContain('TRUNK_CACHED');
		expect(cached.result.verification.ok).toBe(true);
		expect(cached.points.length).toBe(plain.points.length);
		cached.points.forEach(({ key, value }, index) => {
			expect(key).toBe(plain.points[index]?.key);
			expect(value).toBeCloseTo(plain.points[index]?.value ?? Number.NaN, 5);
		});
	});

	it('takes the mask along where its trunk ends below a block', () => {
		const spec = specOf({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'layer1' }, { pretrained: true });
		const network = buildNetwork(spec);
		const { trunk, tail } = splitNetwork(network, spec.plan.phases[0] as never);
		expect(trunk.at(-1)?.outputShape).toEqual([LENGTH + LENGTH * 32]);
		expect(tail.slice(0, 2).map(({ name }) => name)).toEqual([
			'backbone/attention_mask',
			'backbone/encoder.layer.0.output.LayerNorm',
		]);
		expect(network.layers).toHaveLength(trunk.length + tail.length - 3 - 2);
	});

	it('trains biases alone, LayerNorm among them', async () => {
		const { result } = await collect(specOf({ kind: 'BITFIT' }, { pretrained: true }), weights, { dataset });
		const [before, after] = [weights, result.checkpoint].map((file) => readSafetensors(file).tensors);
		const changed = [...(after?.keys() ?? [])].filter((name) => {
			const [old, now] = [before?.get(name)?.bytes, after?.get(name)?.bytes];
			return name.startsWith('backbone/') && old !== undefined && now !== undefined && !Buffer.from(old).equals(now);
		});
		expect(changed.length).toBeGreaterThan(0);
		expect(changed.every((name) => /\/(bias|beta)$/.test(name))).toBe(true);
		expect(result.verification.ok).toBe(true);
	});

	it('refuses ids that the backbone does not know', async () => {
		const foreign = tokenDataset(
			{ train: texts(4, 1), validation: [], test: [{ ids: [1, 256], label: 0 }] },
			{ classes: CLASSES, length: LENGTH },
		);
		const running = collect(specOf({ kind: 'FROM_SCRATCH' }), null, { dataset: foreign });
		await expect(running).rejects.toThrow('Text 1 of the test split has the id 256 among its tokens');
		await expect(running).rejects.toBeInstanceOf(GraftError);
	});
});

describe('texts in memory', () => {
	const of = (text: TokenText) =>
		tokenDataset({ train: [text], validation: [], test: [] }, { classes: CLASSES, length: 3 }).splits.train.inputs;

	it('are ids, mask and segments, padded or cut', () => {
		expect([...of({ ids: [5, 6], segments: [0, 1], label: 0 })]).toEqual([5, 6, 0, 1, 1, 0, 0, 1, 0]);
		expect([...of({ ids: [1, 2, 3, 4], label: 0 })]).toEqual([1, 2, 3, 1, 1, 1, 0, 0, 0]);
	});

	it.each([[[]], [[-1]], [[0.5]], [[2 ** 24]]])('refuse %j', (ids) => {
		expect(() => of({ ids, label: 0 })).toThrow(GraftError);
	});
});

describe.each(['distilbert-L2-H8-A2-F16-V100-P16', 'gpt2-L2-H8-A2-F16-V100-P16'])('%s', (architecture) => {
	const over = { architecture, epochs: 2 };

	it(
		'trains, keeps what is frozen, and gives the same numbers with its trunk computed once',
		async () => {
			const scratch = await collect(specOf({ kind: 'FROM_SCRATCH' }, { ...over, epochs: 1 }), null, { dataset });
			const spec = specOf({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'layer1' }, { ...over, pretrained: true });
			const { checkpoint } = scratch.result;
			const cached = await collect(spec, checkpoint, { dataset });
			const plain = await collect(spec, checkpoint, { dataset, trunkBytes: 0 });
			expect(cached.events.map(({ kind }) => kind)).toContain('TRUNK_CACHED');
			expect(cached.result.verification.ok).toBe(true);
			expect(cached.result.verification.groups.map(({ group, changed }) => [group, changed])).toEqual(
				spec.plan.phases[0]?.groups.map(({ group, trainable }) => [group, trainable]),
			);
			const values = (run: typeof cached) => run.points.map(({ value }) => value);
			expect(values(cached)).toHaveLength(values(plain).length);
			values(cached).forEach((value, at) => {
				expect(Math.abs(value - (values(plain)[at] ?? Number.NaN))).toBeLessThan(1e-5);
			});
		},
		patience(60_000),
	);
});
