import * as tf from '@tensorflow/tfjs-core';
import { conv2dBackpropFilter } from './conv2d-backprop-filter.js';
import { conv2dBackpropInput } from './conv2d-backprop-input.js';
import type { Conv2DGradientAttributes, Shape4D } from './conv2d-gradient-geometry.js';
import {
	type DepthwiseGradientAttributes,
	depthwiseBackpropFilter,
	depthwiseBackpropInput,
} from './depthwise-gradients.js';
import { type MaxPoolGradientAttributes, maxPoolGradient } from './max-pool-gradient.js';
import { unsortedSegmentSum } from './unsorted-segment-sum.js';

const BACKEND = 'wasm';
let registered = false;

/** Adds what the WebAssembly back end lacks for training, and replaces what it does slowly. */
export function registerWasmKernels(): void {
	if (registered) return;
	registered = true;
	replace(tf.Conv2DBackpropFilter, ({ inputs, attrs }) => {
		const attributes = attrs as unknown as Conv2DGradientAttributes & { filterShape: Shape4D };
		return conv2dBackpropFilter(tensor4D(inputs.x), tensor4D(inputs.dy), attributes.filterShape, attributes);
	});
	replace(tf.Conv2DBackpropInput, ({ inputs, attrs }) => {
		const attributes = attrs as unknown as Conv2DGradientAttributes & { inputShape: Shape4D };
		return conv2dBackpropInput(tensor4D(inputs.dy), tensor4D(inputs.filter), attributes.inputShape, attributes);
	});
	replace(tf.DepthwiseConv2dNativeBackpropFilter, ({ inputs, attrs }) => {
		const attributes = attrs as unknown as DepthwiseGradientAttributes & { filterShape: Shape4D };
		return depthwiseBackpropFilter(tensor4D(inputs.x), tensor4D(inputs.dy), attributes.filterShape, attributes);
	});
	replace(tf.DepthwiseConv2dNativeBackpropInput, ({ inputs, attrs }) => {
		const attributes = attrs as unknown as DepthwiseGradientAttributes & { inputShape: Shape4D };
		return depthwiseBackpropInput(tensor4D(inputs.dy), tensor4D(inputs.filter), attributes.inputShape, attributes);
	});
	replace(tf.UnsortedSegmentSum, ({ inputs, attrs }) =>
		unsortedSegmentSum(inputs.x as tf.Tensor, inputs.segmentIds as tf.Tensor1D, Number(attrs?.numSegments)),
	);
	replace(tf.MaxPoolGrad, ({ inputs, attrs }) =>
		maxPoolGradient(tensor4D(inputs.dy), tensor4D(inputs.input), attrs as unknown as MaxPoolGradientAttributes),
	);
	transposeBeforeMatMul();
}

/** The stock product of transposed matrices is 4 times as slow as transposing first (512x512: 65 against 17 ms). */
function transposeBeforeMatMul(): void {
	const stock = tf.getKernel(tf.BatchMatMul, BACKEND)?.kernelFunc;
	if (stock === undefined) return;
	replace(tf.BatchMatMul, ({ inputs, attrs, backend }) =>
		tf.tidy(() => {
			const { transposeA, transposeB } = attrs as unknown as tf.BatchMatMulAttrs;
			const a = transposeA ? swapLast(inputs.a) : inputs.a;
			const b = transposeB ? swapLast(inputs.b) : inputs.b;
			const plain = { transposeA: false, transposeB: false };
			return asTensor(stock({ inputs: { a, b } as tf.NamedTensorInfoMap, attrs: plain, backend }) as tf.TensorInfo);
		}),
	);
}

function swapLast(info: tf.TensorInfo | undefined): tf.Tensor {
	const tensor = info as tf.Tensor;
	const axes = tensor.shape.map((_, axis) => axis);
	const last = axes.length - 1;
	return tf.transpose(tensor, [...axes.slice(0, last - 1), last, last - 1]);
}

function replace(kernelName: string, kernelFunc: tf.KernelFunc): void {
	if (tf.getKernel(kernelName, BACKEND) !== undefined) tf.unregisterKernel(kernelName, BACKEND);
	tf.registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
}

/** Kernels are given tensors, although their type promises less. */
const tensor4D = (info: tf.TensorInfo | undefined): tf.Tensor4D => info as tf.Tensor4D;
const asTensor = (info: tf.TensorInfo): tf.Tensor =>
	tf.engine().makeTensorFromDataId(info.dataId, info.shape, info.dtype);
