import type { LayerSpec } from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../backend/index.js';
import { backendsHere } from '../testing/backends-here.js';
import { expectClose, expectGradient } from '../testing/numeric-gradient.js';
import { crossEntropy } from './cross-entropy.js';
import { forwardLayer } from './forward-layer.js';

type Shapes = Readonly<Record<string, number[]>>;
interface Case {
	readonly what: string;
	readonly layer: LayerSpec;
	readonly input: number[];
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

describe.each(await backendsHere())('gradients on %s agree with differences of the function', (backend) => {
	beforeAll(async () => void (await selectBackend(backend)));

	it.each(CASES)('$what', async ({ layer, input, weights = {}, batchStatistics = false }) => {
		const names = Object.keys(weights);
		const mask = tf.tensor([2, 0, 2, 2, 0, 2, 0, 0, 2, 2, 0, 2], [3, 4]);
		const constants = { moving_mean: tf.tensor([0.1, -0.2, 0.3]), moving_variance: tf.tensor([0.5, 1, 2]) };
		const learning = names.filter((name) => !(name in constants));
		const loss = (x: tf.Tensor, ...given: tf.Tensor[]) => {
			const variables: Record<string, tf.Tensor> = { ...constants };
			learning.forEach((name, index) => {
				variables[name] = given[index] as tf.Tensor;
			});
			const y = forwardLayer(layer, x, {
				weight: (name) => variables[name] as tf.Tensor,
				batchStatistics,
				onMoments: () => {},
				dropoutMask: () => mask,
			});
			// Another factor for each output, so that no two of them can stand for one another.
			const factors = Array.from({ length: y.size }, (_, index) => Math.sin(index + 1));
			return tf.matMul(tf.reshape(y, [1, y.size]), tf.tensor(factors, [y.size, 1]));
		};
		await expectGradient(loss, [spread(input, 1), ...learning.map((name) => spread(weights[name] ?? [], 2))]);
	});

	it('cross-entropy', async () => {
		const targets = tf.tensor([1, 0, 0, 0, 0, 1], [2, 3]);
		await expectGradient((x) => crossEntropy(x, targets), [tf.tensor([0.3, -1, 2, 0.5, 0.1, -0.7], [2, 3])]);
	});
});

describe('values', () => {
	beforeAll(async () => void (await selectBackend('wasm')));

	it('cross-entropy is -log of the softmax, also far from zero', () => {
		const logits = tf.tensor([1000, 1001, 0, 1], [2, 2]);
		const loss = crossEntropy(logits, tf.tensor([1, 0, 0, 1], [2, 2])).dataSync()[0] ?? Number.NaN;
		// log(1 + e) and log(1 + 1/e), halved.
		expect(loss).toBeCloseTo((Math.log(1 + Math.E) + Math.log(1 + 1 / Math.E)) / 2, 5);
	});

	it('BatchNorm by the batch agrees with Keras', async () => {
		// x = [1, 2, 3, 4], gamma = 2, beta = 1, epsilon = 1e-3.
		const moments: tf.Tensor[] = [];
		const y = forwardLayer(batchNorm, tf.tensor([1, 2, 3, 4], [4, 1]), {
			weight: (name) => tf.tensor([name === 'gamma' ? 2 : 1]),
			batchStatistics: true,
			onMoments: ({ mean, variance }) => moments.push(tf.keep(mean), tf.keep(variance)),
			dropoutMask: null,
		});
		expectClose(y.dataSync(), [-1.682209, 0.10593, 1.89407, 3.682209], 1e-5);
		expectClose(
			moments.map((one) => one.dataSync()[0] ?? 0),
			[2.5, 1.25],
			1e-6,
		);
	});
});
