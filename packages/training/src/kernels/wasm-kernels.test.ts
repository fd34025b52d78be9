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
		batch: size(3),
		height: size(9),
		width: size(9),
		channels: size(4),
		filters: size(4),
		rows: size(4),
		columns: size(4),
		strides: fc.tuple(size(3), size(3)),
		pad: fc.constantFrom('same' as const, 'valid' as const),
		seed: fc.integer(),
	})
	.filter(({ pad, height, width, rows, columns }) => pad === 'same' || (rows <= height && columns <= width));

describe('convolution gradients agree with plain JavaScript', () => {
	it('by the input', async () => {
		await fc.assert(
			fc.asyncProperty(convolution, async (c) => {
				const inputShape = [c.batch, c.height, c.width, c.channels] as [number, number, number, number];
				const out = outputShape(c);
				const [ours, oracle] = await bothBackends(() =>
					tf.engine().runKernel(
						tf.Conv2DBackpropInput,
						{
							dy: randomTensor(out, c.seed),
							filter: randomTensor([c.rows, c.columns, c.channels, c.filters], c.seed + 1),
						},
						{ strides: c.strides, pad: c.pad, dataFormat: 'NHWC', inputShape },
					),
				);
				expectClose(ours, oracle, 1e-4);
			}),
			{ numRuns: 150 },
		);
	});

	it('by the filter', async () => {
		await fc.assert(
			fc.asyncProperty(convolution, async (c) => {
				const [ours, oracle] = await bothBackends(() =>
					tf.engine().runKernel(
						tf.Conv2DBackpropFilter,
						{
							x: randomTensor([c.batch, c.height, c.width, c.channels], c.seed),
							dy: randomTensor(outputShape(c), c.seed + 1),
						},
						{
							strides: c.strides,
							pad: c.pad,
							dataFormat: 'NHWC',
							filterShape: [c.rows, c.columns, c.channels, c.filters],
						},
					),
				);
				expectClose(ours, oracle, 1e-4);
			}),
			{ numRuns: 150 },
		);
	});
});

describe('matrix products agree with plain JavaScript', () => {
	it('with either operand transposed, in batches', async () => {
		const shape = fc.record({
			batch: size(3),
			rows: size(6),
			inner: size(6),
			columns: size(6),
			a: fc.boolean(),
			b: fc.boolean(),
			seed: fc.integer(),
		});
		await fc.assert(
			fc.asyncProperty(shape, async ({ batch, rows, inner, columns, a, b, seed }) => {
				const [ours, oracle] = await bothBackends(() =>
					tf.matMul(
						randomTensor(a ? [batch, inner, rows] : [batch, rows, inner], seed),
						randomTensor(b ? [batch, columns, inner] : [batch, inner, columns], seed + 1),
						a,
						b,
					),
				);
				expectClose(ours, oracle, 1e-4);
			}),
			{ numRuns: 60 },
		);
	});
});

describe('max-pool gradients agree with plain JavaScript', () => {
	it('over shapes, windows, strides and paddings, for numbers of either sign', async () => {
		await fc.assert(
			fc.asyncProperty(convolution, async (c) => {
				const inputShape = [c.batch, c.height, c.width, c.channels];
				const [ours, oracle] = await bothBackends(() => {
					const input = randomTensor(inputShape, c.seed) as tf.Tensor4D;
					const window: [number, number] = [c.rows, c.columns];
					const output = tf.maxPool(input, window, c.strides, c.pad);
					return tf
						.engine()
						.runKernel(
							tf.MaxPoolGrad,
							{ dy: randomTensor(output.shape, c.seed + 1), input, output },
							{ filterSize: window, strides: c.strides, pad: c.pad },
						);
				});
				expectClose(ours, oracle, 1e-4);
			}),
			{ numRuns: 150 },
		);
	});
});

function outputShape(
	c: Record<'batch' | 'height' | 'width' | 'filters' | 'rows' | 'columns', number> & {
		strides: [number, number];
		pad: 'same' | 'valid';
	},
) {
	const along = (length: number, window: number, stride: number) =>
		c.pad === 'same' ? Math.ceil(length / stride) : Math.floor((length - window) / stride) + 1;
	return [c.batch, along(c.height, c.rows, c.strides[0]), along(c.width, c.columns, c.strides[1]), c.filters];
}
