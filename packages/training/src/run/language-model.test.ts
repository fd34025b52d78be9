import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Architecture, findArchitecture, huggingFaceTensor, summarizeBackbone } from '@graft/domain/architecture';
import type { RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import vectors from '../../vectors/language-model.json' with { type: 'json' };
import { readSafetensors, writeSafetensors } from '../safetensors/index.js';
import { patience, useBackend } from '../testing/backends-here.js';
import { collect } from '../testing/collect.js';
import { registered, runSpec } from '../testing/run-spec.js';
import { drawByName } from '../testing/synthetic-weights.js';
import { tokenizerFromMerges } from '../tokenizer/from-merges.js';

interface Losses {
	readonly train: readonly number[];
	readonly validation: readonly number[];
	readonly perplexity: number;
}
interface Vectors {
	readonly characters: string;
	readonly length: number;
	readonly learningRate: number;
	readonly texts: Readonly<Record<'train' | 'validation', readonly string[]>>;
	readonly full: Losses;
	readonly partial: Losses;
	readonly features: Losses;
}
const { characters, length, texts, learningRate, ...runs } = vectors as Vectors;
const ARCHITECTURE = 'gpt2-L2-H16-A2-F32-V32-P16-D0';
const folder = mkdtempSync(path.join(tmpdir(), 'graft-language-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A token a character, as the vectors have it; a space is Ġ among bytes. */
const vocabulary = Object.fromEntries([...characters].map((one, id) => [one === ' ' ? 'Ġ' : one, id]));
const tokenizer = new TextEncoder().encode(JSON.stringify(tokenizerFromMerges(vocabulary, '', { prefixSpace: false })));

/** Drawn as scripts/language-model.py draws them. */
function drawn(): Uint8Array {
	const architecture = findArchitecture(ARCHITECTURE) as Architecture;
	const format = architecture.huggingFace ?? { prefix: '', transposesKernels: false };
	const { layers } = summarizeBackbone(architecture, [3, length]).network;
	const tensors = layers.flatMap((layer) =>
		layer.weights.map((spec) => {
			const values = drawByName(`${format.prefix}${huggingFaceTensor(spec, format).name}`, spec.shape);
			const limit =
				spec.role === 'embedding' ? 0.5 : spec.role === 'kernel' ? Math.sqrt(3 / (spec.shape[0] ?? 1)) : 0.1;
			const scaled = values.map((one) => (spec.role === 'scale' ? 1 + 0.2 * one : limit * one));
			return [`backbone/${spec.name}`, { shape: spec.shape, values: scaled }] as const;
		}),
	);
	return writeSafetensors(new Map(tensors));
}

let dataset: RunSpec['dataset'];
let weights: Uint8Array;
beforeAll(async () => {
	await useBackend();
	for (const [split, lines] of Object.entries(texts))
		writeFileSync(path.join(folder, `${split}.txt`), lines.join('\n'));
	const options = {
		...{ task: 'language-model', length },
		split: { files: { train: 'train.txt', validation: 'validation.txt' } },
	};
	dataset = await registered({ uri: pathToFileURL(folder).href, format: 'plain-text', options }, 'lines');
	weights = drawn();
});

const specOf = (strategy: StrategyInput, over: Partial<Parameters<typeof runSpec>[0]> = {}) =>
	runSpec({
		...{ dataset, strategy: { learningRate, ...strategy }, architecture: ARCHITECTURE, pretrained: true },
		optimizer: { kind: 'adam', convention: 'torch', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
		...{ epochs: runs.full.train.length, batchSize: 64 },
		...over,
	});

it('lines of text are a data set whose labels are the tokens to come', () => {
	expect(dataset).toMatchObject({ task: 'LANGUAGE_MODELING', classes: null });
	expect(dataset.splits.map(({ examples }) => examples)).toEqual([12, 4, 0]);
});

describe('GPT-2 learns to foretell tokens as GPT2LMHeadModel does, loss by loss', () => {
	it.each<[string, StrategyInput, Losses, number]>([
		['all of it, the head tied', { kind: 'FULL_FINE_TUNE' }, runs.full, 0],
		['its last block', { kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'layer1' }, runs.partial, 0],
		['a head of its own on a frozen trunk', { kind: 'FEATURE_EXTRACTION' }, runs.features, 32 * 16],
	])(
		'%s',
		async (_, strategy, wanted, headNumbers) => {
			const spec = specOf(strategy);
			expect(spec.plan.phases[0]?.groups.at(-1)?.parameters).toBe(headNumbers);
			const { result, points } = await collect(spec, weights, { tokenizer });
			const of = (key: string) => points.filter((point) => point.key === key).map(({ value }) => value);
			const far = (found: readonly number[], expected: readonly number[]) =>
				Math.max(...expected.map((value, at) => Math.abs(value - (found[at] ?? Number.NaN))));
			expect(far(of('train_loss'), wanted.train)).toBeLessThan(1e-4);
			expect(far(of('val_loss'), wanted.validation)).toBeLessThan(1e-4);
			expect(far(of('val_perplexity').slice(-1), [wanted.perplexity])).toBeLessThan(1e-3 * wanted.perplexity);
			expect(of('learning_rate')[0]).toBe(learningRate);
			expect(result.verification.ok).toBe(true);
			expect(result.summary).toMatchObject({ valAccuracy: null, valPerplexity: of('val_perplexity').at(-1) });
		},
		patience(60_000),
	);
});

describe('a language model', () => {
	it(
		'is adapted by low ranks and by biases, everything else bit by bit as it was',
		async () => {
			for (const kind of ['LORA', 'BITFIT'] as const) {
				const spec = specOf({ kind }, { epochs: 4, batchSize: 5 });
				const { result, points } = await collect(spec, weights, { tokenizer });
				expect(result.verification.ok).toBe(true);
				const losses = points.filter(({ key }) => key === 'train_loss').map(({ value }) => value);
				expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
				const [before, after] = [weights, result.checkpoint].map((file) => readSafetensors(file).tensors);
				expect(after?.get('backbone/wte/embeddings')?.bytes).toEqual(before?.get('backbone/wte/embeddings')?.bytes);
				expect([...(after?.keys() ?? [])].filter((name) => name.startsWith('head/'))).toEqual([]);
			}
		},
		patience(60_000),
	);

	it(
		'gives the same numbers with its trunk computed once, and resumes by the bit',
		async () => {
			const spec = specOf({ kind: 'FEATURE_EXTRACTION' }, { epochs: 3, batchSize: 5 });
			const plain = await collect(spec, weights, { tokenizer, trunkBytes: 0 });
			const files: Uint8Array[] = [];
			const checkpoints = { everySteps: 4, onCheckpoint: (file: Uint8Array) => void files.push(file) };
			const cached = await collect(spec, weights, { tokenizer, checkpoints });
			expect(cached.events.map(({ kind }) => kind)).toContain('TRUNK_CACHED');
			cached.points.forEach(({ key, value }, at) => {
				expect([key, Math.abs(value - (plain.points[at]?.value ?? Number.NaN)) < 1e-4]).toEqual([key, true]);
			});
			const resumed = await collect(spec, weights, { tokenizer, resume: files[0] });
			expect(Buffer.from(resumed.result.checkpoint).equals(cached.result.checkpoint)).toBe(true);
		},
		patience(60_000),
	);

	it('is none where tokens see what comes after them', () => {
		expect(() => specOf({ kind: 'FULL_FINE_TUNE' }, { architecture: 'small-transformer' })).toThrow(
			/small-transformer is no language model/,
		);
	});

	it('keeps a head of its own where it is asked to', async () => {
		const head = { pooling: 'average', hidden: [], dropout: 0, tied: false } as const;
		const spec = specOf({ kind: 'FULL_FINE_TUNE' }, { head, epochs: 1 });
		const { result } = await collect(spec, weights, { tokenizer });
		const { tensors } = readSafetensors(result.checkpoint);
		expect(tensors.get('head/logits/embeddings')?.shape).toEqual([32, 16]);
	});
});
