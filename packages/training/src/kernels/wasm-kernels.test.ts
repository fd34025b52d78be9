import { mulberry32, normal } from '@graft/domain/random';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import { selectBackend } from '../backend/index.js';
import { useBackend } from '../testing/backends-here.js';
import { expectClose } from '../testing/numeric-gradient.js';

/** WebAssembly, or the one that the test run is for. */
let tested = '';
const tfjsName = (backend: string) => (backend === 'tensorflow-gpu' ? 'tensorflow' : backend);

beforeAll(async () => {
	await selectBackend('cpu');
	tested = tfjsName(await useBackend());
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

/** The same call on the back end of this package and on the plain JavaScript one. */
async function bothBackends(call: () => tf.Tensor): Promise<[Float32Array, Float32Array]> {
	const results: Float32Array[] = [];
	for (const backend of [tested, 'cpu']) {
		await tf.setBackend(backend);
		const result = tf.tidy(call);
		results.push(Float32Array.from(await result.data()));
		result.dispose();
	}
	return results as [Float32Array, Float32Array];
}

function random(shape: number[], seed: number): tf.Tensor {
	const next = mulberry32(seed);
	return tf.tensor(
		Array.from({ length: tf.util.sizeFromShape(shape) }, () => normal(next)),
		shape,
	);
}

describe('convolution gradients agree with plain JavaScript', () => {
	it('by the input', async () => {
		await fc.assert(
			fc.asyncProperty(convolution, async (c) => {
				const inputShape = [c.batch, c.height, c.width, c.channels] as [number, number, number, number];
				const out = outputShape(c);
				const [ours, oracle] = await bothBackends(() =>
					tf
						.engine()
						.runKernel(
							tf.Conv2DBackpropInput,
							{ dy: random(out, c.seed), filter: random([c.rows, c.columns, c.channels, c.filters], c.seed + 1) },
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
						{ x: random([c.batch, c.height, c.width, c.channels], c.seed), dy: random(outputShape(c), c.seed + 1) },
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
						random(a ? [batch, inner, rows] : [batch, rows, inner], seed),
						random(b ? [batch, columns, inner] : [batch, inner, columns], seed + 1),
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
					const input = random(inputShape, c.seed) as tf.Tensor4D;
					const window: [number, number] = [c.rows, c.columns];
					const output = tf.maxPool(input, window, c.strides, c.pad);
					return tf
						.engine()
						.runKernel(
							tf.MaxPoolGrad,
							{ dy: random(output.shape, c.seed + 1), input, output },
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
