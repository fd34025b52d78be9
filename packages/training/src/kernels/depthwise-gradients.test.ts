import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { beginComparison, randomTensor } from '../testing/both-backends.js';
import { expectClose } from '../testing/numeric-gradient.js';

let bothBackends: Awaited<ReturnType<typeof beginComparison>>;
beforeAll(async () => {
	bothBackends = await beginComparison();
});

const size = (max: number) => fc.integer({ min: 1, max });
const convolution = fc
	.record({
		input: fc.tuple(size(3), size(9), size(9), size(4)),
		rows: size(4),
		columns: size(4),
		strides: size(3),
		pad: fc.constantFrom('same' as const, 'valid' as const),
		seed: fc.integer(),
	})
	.filter(({ pad, input, rows, columns }) => pad === 'same' || (rows <= input[1] && columns <= input[2]));

describe('depthwise convolution gradients agree with plain JavaScript', () => {
	it.each([tf.DepthwiseConv2dNativeBackpropInput, tf.DepthwiseConv2dNativeBackpropFilter])('%s', async (kernel) => {
		await fc.assert(
			fc.asyncProperty(convolution, async ({ input, rows, columns, strides, pad, seed }) => {
				const filterShape = [rows, columns, input[3], 1];
				const [ours, oracle] = await bothBackends(() => {
					const x = randomTensor(input, seed) as tf.Tensor4D;
					const filter = randomTensor(filterShape, seed + 1) as tf.Tensor4D;
					const dy = randomTensor(tf.depthwiseConv2d(x, filter, strides, pad).shape, seed + 2);
					const inputs: tf.NamedTensorMap =
						kernel === tf.DepthwiseConv2dNativeBackpropInput ? { dy, filter } : { x, dy };
					const shapes = { inputShape: input, filterShape };
					const attributes = { strides: [strides, strides], pad, dilations: [1, 1], ...shapes };
					return tf.engine().runKernel(kernel, inputs, attributes as unknown as tf.NamedAttrMap);
				});
				expectClose(ours, oracle, 1e-4);
			}),
			{ numRuns: 100 },
		);
	});
});

describe('sums of segments agree with plain JavaScript', () => {
	it('over segments that are empty, repeated or left out', async () => {
		const rows = fc.record({
			segments: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 }),
			units: size(4),
			seed: fc.integer(),
		});
		await fc.assert(
			fc.asyncProperty(rows, async ({ segments, units, seed }) => {
				const [ours, oracle] = await bothBackends(() =>
					tf.unsortedSegmentSum(randomTensor([segments.length, units], seed), tf.tensor1d(segments, 'int32'), 6),
				);
				expectClose(ours, oracle, 1e-5);
			}),
			{ numRuns: 50 },
		);
	});
});
