import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import bertVectors from '../../vectors/bert-base.json' with { type: 'json' };
import vectors from '../../vectors/transformers.json' with { type: 'json' };
import { planFreeze } from '../freeze-plan/index.js';
import { parseStrategy, type StrategyInput } from '../strategy/index.js';
import {
	type Architecture,
	architectureOfConfig,
	configOfArchitecture,
	findArchitecture,
	huggingFaceTensor,
	summarizeBackbone,
	summarizeHead,
} from './index.js';

interface Facts {
	readonly parameters: number;
	readonly tensors: number;
	readonly stateDict: Record<string, number[]>;
	readonly config: Record<string, unknown>;
}
const facts = { 'bert-base': bertVectors, ...(vectors as object) } as unknown as Record<
	'bert-base' | 'distilbert-base' | 'gpt2',
	Facts
>;

describe.each(['distilbert-base', 'gpt2'] as const)('%s', (name) => {
	const architecture = findArchitecture(name) as Architecture;
	const summary = summarizeBackbone(architecture, architecture.defaultInput);

	it('has the tensors of the Hugging Face checkpoint, name by name and shape by shape', () => {
		const format = architecture.huggingFace ?? { transposesKernels: true };
		const tensors = summary.network.layers.flatMap((layer) =>
			layer.weights.map((weight) => {
				const { name: tensor, isTransposed } = huggingFaceTensor(weight, format);
				return [tensor, isTransposed ? [...weight.shape].reverse() : weight.shape];
			}),
		);
		expect(Object.fromEntries(tensors)).toEqual(facts[name].stateDict);
		expect(tensors).toHaveLength(facts[name].tensors);
		expect(summary.parameterCount).toBe(facts[name].parameters);
		expect(summary.network.outputShape).toEqual([768]);
	});
});

it('counts the freeze points of GPT-2: tables, blocks, the last LayerNorm', () => {
	const { layerGroups } = summarizeBackbone(findArchitecture('gpt2') as Architecture, [3, 16]);
	expect(layerGroups.map(({ parameterCount }) => parameterCount)).toEqual([
		38_597_376 + 786_432,
		...Array(12).fill(7_087_872),
		1_536,
	]);
});

/** PEFT's counts: BitFit on every bias, LoRA of rank 8 on PEFT's own targets. */
it.each([
	['distilbert-base', 51_456, ['q_lin', 'v_lin'], 147_456],
	['gpt2', 102_144, ['c_attn'], 294_912],
] as const)('%s trains as many numbers as PEFT counts', (name, biases, targets, factors) => {
	const architecture = findArchitecture(name) as Architecture;
	const { layerGroups, network } = summarizeBackbone(architecture, [3, 16]);
	const head = summarizeHead({ pooling: 'average', hidden: [], dropout: 0 }, [768], 2).group;
	const trainable = (input: StrategyInput) => {
		const strategy = parseStrategy(input, layerGroups, 'strategy');
		if (!('options' in strategy)) throw new Error(strategy.message);
		return planFreeze({ strategy, layerGroups, head, epochs: 1, layers: network.layers }).trainableParameters - 1538;
	};
	expect(trainable({ kind: 'BITFIT' })).toBe(biases);
	expect(trainable({ kind: 'LORA', rank: 8, options: { targets: [...targets] } })).toBe(factors);
});

describe('config.json', () => {
	it.each(['bert-base', 'distilbert-base', 'gpt2'] as const)('of %s names it', (name) => {
		expect(architectureOfConfig(facts[name].config)).toBe(name);
	});

	it.each([
		...['bert-base', 'distilbert-base', 'gpt2', 'bert-L2-H8-A2-F12-V20-P8'],
		...['distilbert-L1-H8-A2-F12-V20-P8', 'gpt2-L1-H8-A2-F12-V20-P8', 'gpt2-L1-H8-A2-F12-V20-P8-D0'],
	])('of %s comes back as it', (name) => {
		const config = configOfArchitecture(findArchitecture(name) as Architecture);
		expect(config && architectureOfConfig(config)).toBe(name);
	});

	it('whatever it holds, gives an architecture that there is, or a refusal', () => {
		const field = fc.constantFrom(...Object.keys(facts['bert-base'].config), ...Object.keys(facts.gpt2.config));
		const value = fc.oneof(fc.integer({ min: -1, max: 3_000_000 }), fc.jsonValue());
		const base = fc.constantFrom(facts['bert-base'].config, facts['distilbert-base'].config, facts.gpt2.config, {});
		fc.assert(
			fc.property(base, fc.dictionary(field, value, { maxKeys: 3 }), (config, over) => {
				const named = architectureOfConfig({ ...config, ...over });
				if (typeof named === 'string') expect(findArchitecture(named)).not.toBeNull();
				else expect(named.kind).toBe('InvalidInput');
			}),
			{ numRuns: 500 },
		);
	});

	it('says the dropout, where it is not the usual tenth', () => {
		const drops = { resid_pdrop: 0.25, embd_pdrop: 0.25, attn_pdrop: 0.25 };
		const name = architectureOfConfig({ ...facts.gpt2.config, ...drops });
		expect(name).toBe('gpt2-L12-H768-A12-F3072-V50257-P1024-D25');
		const layers = findArchitecture(name as string)?.groups.flatMap((group) => group.layers) ?? [];
		const rates = layers.flatMap((layer) => (layer.kind === 'dropout' ? layer.rate : []));
		expect(new Set(rates)).toEqual(new Set([0.25]));
		expect(architectureOfConfig({ ...facts.gpt2.config, ...drops, attn_pdrop: 0 })).toBe('gpt2');
	});

	it('of an image network is none', () => {
		expect(configOfArchitecture(findArchitecture('resnet50') as Architecture)).toBeNull();
	});

	it('of another size names an architecture of that size', () => {
		const name = architectureOfConfig({ ...facts.gpt2.config, n_embd: 16, n_head: 2, n_layer: 3, vocab_size: 99 });
		expect(name).toBe('gpt2-L3-H16-A2-F64-V99-P1024');
		const found = findArchitecture(name as string);
		expect(found && summarizeBackbone(found, found.defaultInput).parameterCount).toBe(
			(99 + 1024) * 16 + 3 * (12 * 16 * 16 + 13 * 16) + 2 * 16,
		);
	});

	it.each([
		[{}, /model type undefined/],
		[{ model_type: 'toString' }, /model type "toString"/],
		[{ ...facts['bert-base'].config, hidden_act: 'relu' }, /hidden_act "relu"/],
		[{ ...facts['bert-base'].config, layer_norm_eps: 1e-5 }, /layer_norm_eps/],
		[{ ...facts['bert-base'].config, hidden_size: -1 }, /hidden_size -1, which is no size/],
	])('%# is refused in words', (config, message) => {
		expect(architectureOfConfig(config)).toMatchObject({
			kind: 'InvalidInput',
			message: expect.stringMatching(message),
		});
	});
});

it('a name that says a size is an architecture, or none: never an error', () => {
	expect(findArchitecture('bert-L2-H128-A2-F512-V30522-P512')?.groups).toHaveLength(4);
	for (const wrong of [
		'bert-L2',
		'bert-L0-H1-A1-F1-V1-P1',
		'bert-L1-H3-A2-F1-V1-P1',
		'bert-L01-H1-A1-F1-V1-P1',
		'bert-L999-H1-A1-F1-V1-P1',
		'bert-L1-H1-A1-F1-V1-P1-D10',
		'bert-L1-H1-A1-F1-V1-P1-D05',
	]) {
		expect(findArchitecture(wrong)).toBeNull();
	}
	const part = fc.nat({ max: 64 });
	fc.assert(
		fc.property(
			fc.constantFrom('bert', 'distilbert', 'gpt2', 'x'),
			part,
			part,
			part,
			part,
			part,
			part,
			(family, ...n) => {
				const name = [family, ...'LHAFVP'.split('').map((letter, at) => `${letter}${n[at]}`)].join('-');
				const found = findArchitecture(name);
				if (found !== null) expect(summarizeBackbone(found, found.defaultInput).parameterCount).toBeGreaterThan(0);
			},
		),
	);
});
