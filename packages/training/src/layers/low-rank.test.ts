import type { LayerSpec } from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, it } from 'vitest';
import { backendsHere, useBackend } from '../testing/backends-here.js';
import { expectClose, expectGradient } from '../testing/numeric-gradient.js';
import { forwardLayer } from './forward-layer.js';
import { lowRankUpdate } from './low-rank.js';

interface Case {
	readonly what: string;
	readonly layer: LayerSpec;
	readonly input: number[];
	readonly kernel: number[];
}
const conv = { kind: 'conv2d', name: 'c', filters: 3, useBias: false } as const;
const CASES: readonly Case[] = [
	{
		what: 'a convolution',
		layer: { ...conv, kernelSize: 3, strides: 1, padding: 'same' },
		input: [2, 4, 5, 2],
		kernel: [3, 3, 2, 3],
	},
	{
		what: 'a convolution with stride 2, valid',
		layer: { ...conv, kernelSize: 3, strides: 2, padding: 'valid' },
		input: [1, 6, 5, 2],
		kernel: [3, 3, 2, 3],
	},
	{
		what: 'a convolution of 1 x 3',
		layer: { ...conv, kernelSize: [1, 3], strides: 1, padding: 'same' },
		input: [1, 3, 4, 2],
		kernel: [1, 3, 2, 3],
	},
	{ what: 'a dense layer', layer: { kind: 'dense', name: 'd', units: 3 }, input: [4, 5], kernel: [5, 3] },
	{ what: 'a dense layer on tokens', layer: { kind: 'dense', name: 'd', units: 3 }, input: [2, 4, 5], kernel: [5, 3] },
];
const SCALE = 0.7;
const waves = (shape: number[], step: number): tf.Tensor =>
	tf.tensor(
		Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, index) => Math.sin(step * (index + 1))),
		shape,
	);

describe.each(backendsHere())('low-rank updates on %s', (backend) => {
	beforeAll(async () => void (await useBackend(backend)));

	it.each(CASES)('$what gives what its kernel with the product added gives', async ({ layer, input, kernel }) => {
		const columns = kernel.at(-1) ?? 1;
		const rows = tf.util.sizeFromShape(kernel) / columns;
		const [x, w, a, b] = [waves(input, 0.3), waves(kernel, 0.5), waves([rows, 2], 0.7), waves([2, columns], 1.1)];
		const run = (weight: tf.Tensor) =>
			forwardLayer(layer, [x], {
				weight: (name) => (name === 'kernel' ? weight : tf.zeros([columns])),
				batchStatistics: false,
				onMoments: () => {},
				dropoutMask: null,
			});
		const merged = tf.add(w, tf.mul(tf.reshape(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D), kernel), SCALE));
		const adapted = tf.add(run(w), lowRankUpdate(layer, x, a, b, SCALE));
		expectClose(await adapted.data(), await run(merged).data(), 1e-5);
		const loss = (...given: tf.Tensor[]) => {
			const [input0, first, second] = given as [tf.Tensor, tf.Tensor, tf.Tensor];
			const y = lowRankUpdate(layer, input0, first, second, SCALE);
			return tf.matMul(tf.reshape(y, [1, y.size]), tf.reshape(waves([y.size], 1.3), [y.size, 1]));
		};
		await expectGradient(loss, [x, a, b]);
	});
});
