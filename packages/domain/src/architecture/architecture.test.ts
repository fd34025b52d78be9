import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraftError } from '../error/index.js';
import {
	ARCHITECTURES,
	type Architecture,
	findArchitecture,
	HEAD_GROUP,
	summarizeBackbone,
	summarizeHead,
} from './index.js';

describe('summarizeBackbone', () => {
	it('counts the small CNN', () => {
		const { network, layerGroups, parameterCount } = summarizeBackbone(small(), [8, 8, 1]);
		expect(layerGroups.map(({ name, index }) => [name, index])).toEqual([
			['block1', 0],
			['block2', 1],
			['block3', 2],
			['block4', 3],
		]);
		// 9 kernel taps x inputs x filters, then gamma, beta and two moving statistics for each filter.
		expect(layerGroups.map((group) => group.parameterCount)).toEqual([
			9 * 32 + 4 * 32,
			9 * 32 * 32 + 4 * 32,
			9 * 32 * 64 + 4 * 64,
			9 * 64 * 64 + 4 * 64,
		]);
		expect(parameterCount).toBe(65_568);
		expect(network.outputShape).toEqual([2, 2, 64]);
		for (const group of layerGroups) {
			expect(group.hasBatchNorm).toBe(true);
			expect(group.trainableCount).toBe(group.parameterCount - group.batchNormCount);
			expect(group.biasCount).toBe(group.batchNormCount / 2);
		}
	});

	it('names weights as Keras does, each once', () => {
		const { network } = summarizeBackbone(small(), [8, 8, 1]);
		const names = network.layers.flatMap((layer) => layer.weights.map((weight) => weight.name));
		expect(names.slice(0, 5)).toEqual([
			'block1_conv/kernel',
			'block1_bn/gamma',
			'block1_bn/beta',
			'block1_bn/moving_mean',
			'block1_bn/moving_variance',
		]);
		expect(new Set(names).size).toBe(names.length);
		const kernel = network.layers.find(({ layer }) => layer.name === 'block3_conv')?.weights[0];
		expect(kernel).toMatchObject({ shape: [3, 3, 32, 64], fanIn: 288, fanOut: 576 });
	});

	it('accounts for every weight in one group, for any image', () => {
		const size = fc.integer({ min: 4, max: 64 });
		fc.assert(
			fc.property(size, size, fc.integer({ min: 1, max: 4 }), (h, w, c) => {
				const { network, layerGroups, parameterCount } = summarizeBackbone(small(), [h, w, c]);
				const weights = network.layers.flatMap((layer) => layer.weights);
				const numbers = weights.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
				expect(parameterCount).toBe(numbers);
				expect(layerGroups.flatMap((group) => group.layers)).toEqual(network.layers.map(({ layer }) => layer.name));
				expect(network.outputShape.slice(0, 2)).toEqual([Math.floor(h / 2) >> 1, Math.floor(w / 2) >> 1]);
			}),
		);
	});

	it('refuses images that it would pool away, and shapes that are none', () => {
		const attempt = (shape: number[]) => () => summarizeBackbone(small(), shape);
		expect(attempt([3, 8, 1])).toThrow(GraftError);
		expect(attempt([3, 8, 1])).toThrow('block4_pool takes windows of 2 x 2, but only 1 x 4 x 64 is left');
		expect(attempt([64])).toThrow('needs height x width x channels and got 64');
		for (const shape of [[], [8, 8, 0], [8, 8.5, 1], [8, Number.NaN, 1]]) {
			expect(attempt(shape)).toThrow('whole numbers above 0');
		}
	});
});

describe('summarizeHead', () => {
	it('pools, and ends in one unit a class', () => {
		const { network, group } = summarizeHead({ pooling: 'average', hidden: [], dropout: 0 }, [2, 2, 64], 4);
		expect(network.layers.map(({ layer }) => layer.kind)).toEqual(['global-pool', 'dense']);
		expect(network.outputShape).toEqual([4]);
		expect(group).toMatchObject({ name: HEAD_GROUP, parameterCount: 64 * 4 + 4, biasCount: 4, macs: 256 });
	});

	it('takes hidden layers, dropout before the last one, and flat features as they are', () => {
		const { network, group } = summarizeHead({ pooling: 'flatten', hidden: [16, 8], dropout: 0.2 }, [2, 2, 64], 10);
		expect(network.layers.map(({ layer }) => layer.name)).toEqual([
			'flatten',
			'hidden1',
			'hidden1_relu',
			'hidden2',
			'hidden2_relu',
			'dropout',
			'logits',
		]);
		expect(group.parameterCount).toBe(256 * 16 + 16 + 16 * 8 + 8 + 8 * 10 + 10);
		const flat = summarizeHead({ pooling: 'max', hidden: [], dropout: 0 }, [5], 2);
		expect(flat.network.layers.map(({ layer }) => layer.kind)).toEqual(['dense']);
	});
});

describe('a head as in a script', () => {
	it('is pooling, a dense layer of 256 with relu, and one of 10: as many parameters as Keras counts', () => {
		const { network, group } = summarizeHead({ pooling: 'average', hidden: [256], dropout: 0 }, [7, 7, 2048], 10);
		expect(network.layers.map(({ layer }) => layer.kind)).toEqual(['global-pool', 'dense', 'relu', 'dense']);
		// model.summary() on ResNet50's features: 524,544 and 2,570.
		expect(group.parameterCount).toBe(524_544 + 2_570);
	});

	it('takes the activation and the dropout that each layer has', () => {
		const hidden = [
			{ units: 8, activation: 'tanh', dropout: 0.3 },
			{ units: 6, activation: 'gelu', dropout: 0 },
			{ units: 4, activation: 'linear', dropout: 0.1 },
			3,
		] as const;
		const { network } = summarizeHead({ pooling: 'max', inputDropout: 0.2, hidden, dropout: 0.5 }, [2, 2, 5], 1);
		expect(network.layers.map(({ layer }) => layer.name)).toEqual([
			...['pool', 'input_dropout', 'hidden1', 'hidden1_tanh', 'hidden1_dropout', 'hidden2', 'hidden2_gelu'],
			...['hidden3', 'hidden3_dropout', 'hidden4', 'hidden4_relu', 'dropout', 'logits'],
		]);
		expect(network.outputShape).toEqual([1]);
	});
});

describe('the catalogue', () => {
	it('finds by name, and every entry works on its own default input', () => {
		expect(findArchitecture('no-such')).toBeNull();
		for (const architecture of ARCHITECTURES) {
			expect(findArchitecture(architecture.name)).toBe(architecture);
			expect(summarizeBackbone(architecture, architecture.defaultInput).parameterCount).toBeGreaterThan(0);
			expect(architecture.groups.map(({ name }) => name)).not.toContain(HEAD_GROUP);
		}
	});
});

function small(): Architecture {
	const found = findArchitecture('small-cnn');
	if (found === null) throw new Error('small-cnn is not in the catalogue');
	return found;
}
