import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { backendsHere, useBackend } from '../testing/backends-here.js';
import { beginComparison, randomTensor } from '../testing/both-backends.js';
import { expectClose, expectGradient } from '../testing/numeric-gradient.js';

type Convolve = (x: tf.Tensor4D, filter: tf.Tensor4D, c: Settings) => tf.Tensor4D;
interface Settings {
	readonly strides: number;
	readonly dilations: [number, number];
	readonly pad: 'same' | 'valid';
}

const KINDS: readonly (readonly [string, Convolve, (channels: number) => number])[] = [
	['whole', (x, filter, c) => tf.conv2d(x, filter, c.strides, c.pad, 'NHWC', c.dilations), () => 2],
	['depthwise', (x, filter, c) => tf.depthwiseConv2d(x, filter, c.strides, c.pad, 'NHWC', c.dilations), () => 1],
];

/** Another factor for each output, so that no two of them can stand for one another. */
function weighted(y: tf.Tensor): tf.Tensor {
	const factors = Array.from({ length: y.size }, (_, index) => Math.sin(index + 1));
	return tf.matMul(tf.reshape(y, [1, y.size]), tf.tensor(factors, [y.size, 1]));
}

describe.each(backendsHere())('gradients of convolutions on %s agree with differences of the function', (backend) => {
	beforeAll(async () => void (await useBackend(backend)));

	describe.each(KINDS)('%s', (_, convolve, filters) => {
		it.each<Settings>([
			{ strides: 1, dilations: [1, 1], pad: 'same' },
			{ strides: 2, dilations: [1, 1], pad: 'valid' },
			{ strides: 1, dilations: [2, 2], pad: 'same' },
			{ strides: 1, dilations: [2, 2], pad: 'valid' },
			{ strides: 1, dilations: [1, 3], pad: 'same' },
			{ strides: 1, dilations: [3, 2], pad: 'valid' },
		])('%j', async (settings) => {
			const shapes = [
				[1, 6, 5, 2],
				[2, 3, 2, filters(2)],
			];
			const at = shapes.map((shape, seed) => randomTensor(shape, seed));
			await expectGradient((x, filter) => weighted(convolve(x as tf.Tensor4D, filter as tf.Tensor4D, settings)), at);
		});
	});
});

describe('gradients of convolutions agree with plain JavaScript', () => {
	let bothBackends: Awaited<ReturnType<typeof beginComparison>>;
	beforeAll(async () => {
		bothBackends = await beginComparison();
	});
	const size = (max: number) => fc.integer({ min: 1, max });
	const convolution = fc
		.record({
			input: fc.tuple(size(2), size(9), size(9), size(3)),
			rows: size(3),
			columns: size(3),
			strides: size(3),
			dilations: fc.tuple(size(3), size(3)),
			pad: fc.constantFrom('same' as const, 'valid' as const),
			seed: fc.integer(),
		})
		// TensorFlow knows no convolution with both.
		.map((c) => (c.strides === 1 ? c : { ...c, dilations: [1, 1] as [number, number] }))
		.filter(({ pad, input, rows, columns, dilations: [down, across] }) => {
			const fits = (rows - 1) * down < input[1] && (columns - 1) * across < input[2];
			return pad === 'same' || fits;
		});

	it.each(KINDS)('%s, over shapes, strides, paddings and dilations', async (_, convolve, filters) => {
		await fc.assert(
			fc.asyncProperty(convolution, async (c) => {
				const [ours, oracle] = await bothBackends(() => {
					const x = randomTensor(c.input, c.seed);
					const filter = randomTensor([c.rows, c.columns, c.input[3], filters(c.input[3])], c.seed + 1);
					const loss = () =>
						tf.reshape(weighted(convolve(x as tf.Tensor4D, filter as tf.Tensor4D, c)), []) as tf.Scalar;
					const { grads } = tf.engine().gradients(loss, [x, filter]);
					return tf.concat(grads.map((one) => tf.reshape(one, [-1])));
				});
				expectClose(ours, oracle, 1e-4);
			}),
			{ numRuns: 100 },
		);
	});
});
