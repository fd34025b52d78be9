import type { LayerSpec } from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../testing/backends-here.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { drawByName } from '../testing/synthetic-weights.js';
import { foldBiases } from './fold-biases.js';
import { forward } from './forward.js';
import type { NetworkLayer } from './network-layer.js';

beforeAll(async () => void (await useBackend()));

const conv = {
	kind: 'conv2d',
	name: 'c',
	filters: 3,
	kernelSize: 3,
	strides: 1,
	padding: 'same',
	useBias: true,
} as const;
const norm = { kind: 'batch-norm', name: 'n', epsilon: 1e-3, momentum: 0.9 } as const;
const layer = (name: string, inputs: string[], spec: LayerSpec, more: Partial<NetworkLayer> = {}): NetworkLayer => ({
	...{ name, inputs, layer: spec, group: 'g', outputShape: [4, 4, 3], weights: [] },
	...more,
});
const plain = [layer('c', ['input'], conv), layer('n', ['c'], norm)];

describe('a bias before BatchNorm', () => {
	it('is taken up into the mean, with the same numbers', async () => {
		expect([...foldBiases(plain).keys()]).toEqual(['n']);
		const shapes = { 'c/kernel': [3, 3, 2, 3], 'c/bias': [3], 'n/gamma': [3], 'n/beta': [3], 'n/moving_mean': [3] };
		const weights = new Map<string, tf.Tensor>(
			Object.entries(shapes).map(([name, shape]) => [name, tf.tensor(drawByName(name, shape), shape)]),
		);
		weights.set('n/moving_variance', tf.tensor([0.5, 1, 2]));
		const x = tf.tensor(drawByName('x', [2, 4, 4, 2]), [2, 4, 4, 2]);
		const folded = forward(plain, weights, x);
		const apart = forward(plain.slice(1), weights, forward(plain.slice(0, 1), weights, x));
		expectClose(await folded.data(), await apart.data(), 1e-5);
	});

	it.each<[string, NetworkLayer[]]>([
		['something else reads the convolution', [...plain, layer('r', ['c'], { kind: 'relu', name: 'r' })]],
		['the BatchNorm lies in another part', plain.slice(0, 1)],
		['the convolution has none', [layer('c', ['input'], { ...conv, useBias: false }), layer('n', ['c'], norm)]],
		['a low-rank update is added', [layer('c', ['input'], conv, { lowRankScale: 2 }), layer('n', ['c'], norm)]],
	])('stays where %s', (_, layers) => {
		expect(foldBiases(layers).size).toBe(0);
	});
});
