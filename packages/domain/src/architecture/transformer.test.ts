import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/bert-base.json' with { type: 'json' };
import { planFreeze } from '../freeze-plan/index.js';
import { parseStrategy } from '../strategy/index.js';
import { findArchitecture, huggingFaceTensor, summarizeBackbone, summarizeHead } from './index.js';

interface Facts {
	readonly parameters: number;
	readonly tensors: number;
	readonly stateDict: Record<string, number[]>;
	readonly groups: Record<'embeddings' | 'layer' | 'pooler', number>;
	readonly biases: number;
}
const facts = vectors as Facts;

function summaryOf(name: string, shape: readonly number[]) {
	const architecture = findArchitecture(name);
	if (architecture === null) throw new Error(`${name} is not in the catalogue`);
	return summarizeBackbone(architecture, shape);
}
const bert = summaryOf('bert-base', [3, 128]);

describe('bert-base', () => {
	it('has the tensors of the Hugging Face checkpoint, name by name and shape by shape', () => {
		const tensors = bert.network.layers.flatMap((layer) =>
			layer.weights.map((weight) => {
				const { name, isTransposed } = huggingFaceTensor(weight, { transposesKernels: true });
				return [name, isTransposed ? [...weight.shape].reverse() : weight.shape];
			}),
		);
		expect(tensors).toHaveLength(facts.tensors);
		expect(Object.fromEntries(tensors)).toEqual(facts.stateDict);
		expect(bert.parameterCount).toBe(facts.parameters);
	});

	it('counts each freeze point', () => {
		const { embeddings, layer, pooler } = facts.groups;
		const names = ['embeddings', ...Array.from({ length: 12 }, (_, index) => `layer${index}`), 'pooler'];
		expect(bert.layerGroups.map((group) => group.name)).toEqual(names);
		expect(bert.layerGroups.map((group) => group.parameterCount)).toEqual([
			embeddings,
			...Array(12).fill(layer),
			pooler,
		]);
		for (const group of bert.layerGroups) expect(group.trainableCount).toBe(group.parameterCount);
	});

	it('trains 102,912 biases under BitFit, and takes LayerNorm for no BatchNorm', () => {
		expect(bert.layerGroups.reduce((sum, group) => sum + group.biasCount, 0)).toBe(facts.biases);
		expect(bert.layerGroups.some((group) => group.hasBatchNorm || group.batchNormCount > 0)).toBe(false);
		const strategy = parseStrategy({ kind: 'BITFIT' }, bert.layerGroups, 'strategy');
		if (!('options' in strategy)) throw new Error(strategy.message);
		const head = summarizeHead({ pooling: 'average', hidden: [], dropout: 0.1 }, bert.network.outputShape, 2).group;
		const plan = planFreeze({ strategy, layerGroups: bert.layerGroups, head, epochs: 1 });
		expect(plan.trainableParameters).toBe(facts.biases + 768 * 2 + 2);
	});

	it('counts products: dense layers on each token, and attention by the square of the length', () => {
		const perBlock = (length: number) => length * (4 * 768 * 768 + 2 * 768 * 3072) + 2 * length * length * 768;
		for (const length of [1, 128, 512]) {
			const { layerGroups } = summaryOf('bert-base', [3, length]);
			expect(layerGroups.find(({ name }) => name === 'layer0')?.macs).toBe(perBlock(length));
		}
		expect(bert.layerGroups.find(({ name }) => name === 'pooler')?.macs).toBe(768 * 768);
	});

	it('refuses what is no text, and texts that are longer than its positions', () => {
		expect(() => summaryOf('bert-base', [224, 224, 3])).toThrow('reads text as 3 x tokens');
		expect(() => summaryOf('bert-base', [3, 513])).toThrow('knows 512 positions, and the texts are 513 tokens long');
	});
});
