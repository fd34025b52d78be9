import type { LayerSpec } from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { backendsHere, useBackend } from '../testing/backends-here.js';
import { expectClose, expectGradient } from '../testing/numeric-gradient.js';
import { crossEntropy } from './cross-entropy.js';
import { forwardLayer } from './forward-layer.js';

type Shapes = Readonly<Record<string, number[]>>;
interface Case {
	readonly what: string;
	readonly layer: LayerSpec;
	readonly input: number[];
	/** Shapes of what it reads beside the first input. */
	readonly others?: readonly number[][];
	readonly weights?: Shapes;
	readonly batchStatistics?: boolean;
}

const conv = { kind: 'conv2d', name: 'c', filters: 2, kernelSize: 3, useBias: true } as const;
const batchNorm = { kind: 'batch-norm', name: 'n', epsilon: 1e-3, momentum: 0.9 } as const;
const channels = { gamma: [3], beta: [3], moving_mean: [3], moving_variance: [3] };
const CASES: readonly Case[] = [
	{
		what: 'convolution, same',
		layer: { ...conv, strides: 1, padding: 'same' },
		input: [2, 4, 5, 2],
		weights: { kernel: [3, 3, 2, 2], bias: [2] },
	},
	{
		what: 'convolution, stride 2',
		layer: { ...conv, strides: 2, padding: 'same' },
		input: [2, 5, 4, 2],
		weights: { kernel: [3, 3, 2, 2], bias: [2] },
	},
	{
		what: 'convolution, valid, stride 2',
		layer: { ...conv, strides: 2, padding: 'valid' },
		input: [1, 6, 5, 2],
		weights: { kernel: [3, 3, 2, 2], bias: [2] },
	},
	{ what: 'BatchNorm by the batch', layer: batchNorm, input: [4, 2, 2, 3], weights: channels, batchStatistics: true },
	{ what: 'BatchNorm by its statistics', layer: batchNorm, input: [4, 2, 2, 3], weights: channels },
	{
		what: 'BatchNorm without gamma',
		layer: { ...batchNorm, scale: false },
		input: [4, 2, 2, 3],
		weights: { beta: [3], moving_mean: [3], moving_variance: [3] },
		batchStatistics: true,
	},
	{
		what: 'convolution, rectangular kernel',
		layer: { ...conv, kernelSize: [1, 3], strides: 1, padding: 'same' },
		input: [2, 3, 4, 2],
		weights: { kernel: [1, 3, 2, 2], bias: [2] },
	},
	...(['same', 'valid'] as const).flatMap((padding) =>
		[1, 2].map((strides) => ({
			what: `depthwise convolution, ${padding}, stride ${strides}`,
			layer: { kind: 'depthwise-conv2d', name: 'd', kernelSize: 3, strides, padding } as const,
			input: [2, 6, 5, 3],
			weights: { kernel: [3, 3, 3, 1] },
		})),
	),
	...(['same', 'valid'] as const).flatMap((padding) =>
		[1, 2].map((strides) => ({
			what: `average-pool, ${padding}, stride ${strides}`,
			layer: { kind: 'average-pool', name: 'a', size: 3, strides, padding } as const,
			input: [2, 5, 4, 2],
		})),
	),
	{
		what: 'max-pool, windows that overlap',
		layer: { kind: 'max-pool', name: 'm', size: 3, strides: 2, padding: 'same' },
		input: [2, 5, 4, 2],
	},
	{ what: 'zeros around', layer: { kind: 'zero-pad', name: 'z', padding: 2 }, input: [2, 2, 3, 2] },
	{ what: 'add', layer: { kind: 'add', name: 'a' }, input: [2, 3], others: [[2, 3]] },
	{
		what: 'concat',
		layer: { kind: 'concat', name: 'c' },
		input: [2, 2, 2, 1],
		others: [
			[2, 2, 2, 3],
			[2, 2, 2, 2],
		],
	},
	{ what: 'relu6', layer: { kind: 'relu6', name: 'r' }, input: [3, 4] },
	{ what: 'tanh', layer: { kind: 'tanh', name: 't' }, input: [3, 4] },
	{ what: 'gelu', layer: { kind: 'gelu', name: 'g', approximation: 'none' }, input: [3, 4] },
	{ what: 'gelu by tanh', layer: { kind: 'gelu', name: 'g', approximation: 'tanh' }, input: [3, 4] },
	{
		what: 'LayerNorm',
		layer: { kind: 'layer-norm', name: 'n', epsilon: 1e-5 },
		input: [2, 3, 4],
		weights: { gamma: [4], beta: [4] },
	},
	{
		what: 'dense on each token',
		layer: { kind: 'dense', name: 'd', units: 3 },
		input: [2, 4, 5],
		weights: { kernel: [5, 3], bias: [3] },
	},
	{ what: 'first token', layer: { kind: 'first-token', name: 'f' }, input: [2, 3, 4] },
	{
		what: 'attention',
		layer: { kind: 'attention', name: 'a', heads: 2, dropout: 0 },
		input: [2, 3, 4],
		others: [
			[2, 3, 4],
			[2, 3, 4],
		],
	},
	{
		what: 'causal attention',
		layer: { kind: 'attention', name: 'a', heads: 2, dropout: 0, causal: true },
		input: [2, 3, 4],
		others: [
			[2, 3, 4],
			[2, 3, 4],
		],
	},
	{ what: 'last token', layer: { kind: 'last-token', name: 'l' }, input: [2, 3, 4] },
	{ what: 'columns', layer: { kind: 'columns', name: 'c', begin: 1, units: 2 }, input: [2, 3, 4] },
	{ what: 'softmax', layer: { kind: 'softmax', name: 's' }, input: [3, 4] },
	{ what: 'relu', layer: { kind: 'relu', name: 'r' }, input: [3, 4] },
	{ what: 'max-pool', layer: { kind: 'max-pool', name: 'm', size: 2 }, input: [2, 5, 4, 2] },
	{
		what: 'average over the image',
		layer: { kind: 'global-pool', name: 'g', pooling: 'average' },
		input: [2, 3, 2, 3],
	},
	{ what: 'maximum over the image', layer: { kind: 'global-pool', name: 'g', pooling: 'max' }, input: [2, 3, 2, 3] },
	{ what: 'flatten', layer: { kind: 'flatten', name: 'f' }, input: [2, 2, 2, 2] },
	{ what: 'dropout', layer: { kind: 'dropout', name: 'd', rate: 0.5 }, input: [3, 4] },
	{
		what: 'dense',
		layer: { kind: 'dense', name: 'd', units: 3 },
		input: [4, 5],
		weights: { kernel: [5, 3], bias: [3] },
	},
];

/** Numbers that differ by far more than the step of the differences, so that no maximum and no sign is in doubt. */
function spread(shape: number[], seed: number): tf.Tensor {
	const count = tf.util.sizeFromShape(shape);
	const order = tf.util.createShuffledIndices(count);
	return tf.tensor(
		Array.from({ length: count }, (_, index) => ((order[index] ?? 0) - count / 2 + 0.5 + seed / 100) * (3 / count)),
		shape,
	);
}

describe.each(backendsHere())('gradients on %s agree with differences of the function', (backend) => {
	beforeAll(async () => void (await useBackend(backend)));

	it.each(CASES)('$what', async ({ layer, input, others = [], weights = {}, batchStatistics = false }) => {
		const names = Object.keys(weights);
		const mask = tf.tensor([2, 0, 2, 2, 0, 2, 0, 0, 2, 2, 0, 2], [3, 4]);
		const constants = { moving_mean: tf.tensor([0.1, -0.2, 0.3]), moving_variance: tf.tensor([0.5, 1, 2]) };
		const mask23 = tf.tensor([1, 1, 0, 1, 1, 1], [2, 3]);
		const learning = names.filter((name) => !(name in constants));
		const loss = (x: tf.Tensor, ...given: tf.Tensor[]) => {
			const variables: Record<string, tf.Tensor> = { ...constants };
			learning.forEach((name, index) => {
				variables[name] = given[others.length + index] as tf.Tensor;
			});
			const read = [x, ...given.slice(0, others.length)];
			if (layer.kind === 'attention' || layer.kind === 'last-token') read.push(mask23);
			const y = forwardLayer(layer, read, {
				weight: (name) => variables[name] as tf.Tensor,
				batchStatistics,
				onMoments: () => {},
				dropoutMask: () => mask,
			});
			// Another factor for each output, so that no two of them can stand for one another.
			const factors = Array.from({ length: y.size }, (_, index) => Math.sin(index + 1));
			return tf.matMul(tf.reshape(y, [1, y.size]), tf.tensor(factors, [y.size, 1]));
		};
		const further = [...others, ...learning.map((name) => weights[name] ?? [])];
		await expectGradient(loss, [spread(input, 1), ...further.map((shape) => spread(shape, 2))]);
	});

	it.each(['tokens', 'positions', 'segments'] as const)('embedding of %s', async (of) => {
		const texts = tf.tensor([1, 4, 1, 1, 1, 0, 0, 1, 1, 2, 2, 0, 1, 1, 1, 0, 0, 0], [2, 3, 3]);
		const layer = { kind: 'embedding', name: 'e', of, entries: 5, units: 2 } as const;
		const context = { batchStatistics: false, onMoments: () => {}, dropoutMask: null };
		const loss = (table: tf.Tensor) => {
			const y = forwardLayer(layer, [texts], { ...context, weight: () => table });
			const factors = Array.from({ length: y.size }, (_, index) => Math.sin(index + 1));
			return tf.matMul(tf.reshape(y, [1, y.size]), tf.tensor(factors, [y.size, 1]));
		};
		await expectGradient(loss, [spread([5, 2], 1)]);
	});

	it('cross-entropy', async () => {
		const targets = tf.tensor([1, 0, 0, 0, 0, 1], [2, 3]);
		await expectGradient((x) => crossEntropy(x, targets), [tf.tensor([0.3, -1, 2, 0.5, 0.1, -0.7], [2, 3])]);
	});
});

describe('values', () => {
	beforeAll(async () => void (await useBackend()));

	it('cross-entropy is -log of the softmax, also far from zero', async () => {
		const logits = tf.tensor([1000, 1001, 0, 1], [2, 2]);
		const loss = (await crossEntropy(logits, tf.tensor([1, 0, 0, 1], [2, 2])).data())[0] ?? Number.NaN;
		// log(1 + e) and log(1 + 1/e), halved.
		expect(loss).toBeCloseTo((Math.log(1 + Math.E) + Math.log(1 + 1 / Math.E)) / 2, 5);
	});

	it.each([[[4, 1]], [[2, 2, 1, 1]]])('BatchNorm by a batch of %j agrees with Keras', async (shape) => {
		// x = [1, 2, 3, 4], gamma = 2, beta = 1, epsilon = 1e-3.
		const moments: tf.Tensor[] = [];
		const y = forwardLayer(batchNorm, [tf.tensor([1, 2, 3, 4], shape)], {
			weight: (name) => tf.tensor([name === 'gamma' ? 2 : 1]),
			batchStatistics: true,
			onMoments: ({ mean, variance }) => moments.push(tf.keep(mean), tf.keep(variance)),
			dropoutMask: null,
		});
		expectClose(await y.data(), [-1.682209, 0.10593, 1.89407, 3.682209], 1e-5);
		expectClose(
			(await Promise.all(moments.map((one) => one.data()))).map(([first]) => first ?? 0),
			[2.5, 1.25],
			1e-6,
		);
	});
});
