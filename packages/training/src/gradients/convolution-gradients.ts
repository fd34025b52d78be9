import * as tf from '@tensorflow/tfjs-core';
import { atFilterCells, dilationsOf, spreadFilter, spreadShape } from './dilated-filter.js';

type Attributes = Record<'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode' | 'dilations', unknown>;

export const conv2dGradient: tf.GradConfig = {
	kernelName: tf.Conv2D,
	inputsToSave: ['x', 'filter'],
	gradFunc: (dy, saved, attributes) => {
		const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
		const { strides, pad, dataFormat, dimRoundingMode, dilations: given } = attributes as Attributes;
		const dilations = dilationsOf(given);
		const filterShape = spreadShape(filter.shape, dilations);
		const run = (kernel: string, inputs: tf.NamedTensorMap, shapes: object): tf.Tensor =>
			tf
				.engine()
				.runKernel(kernel, inputs, { strides, pad, dataFormat, dimRoundingMode, ...shapes } as tf.NamedAttrMap);
		return {
			x: () => {
				const inputs = { dy: dy as tf.Tensor, filter: spreadFilter(filter, dilations) };
				return run(tf.Conv2DBackpropInput, inputs, { inputShape: x.shape });
			},
			filter: () => atFilterCells(run(tf.Conv2DBackpropFilter, { x, dy: dy as tf.Tensor }, { filterShape }), dilations),
		};
	},
};

export const maxPoolGradient: tf.GradConfig = {
	kernelName: tf.MaxPool,
	inputsToSave: ['x'],
	outputsToSave: [true],
	gradFunc: (dy, saved, attributes) => {
		const [input, output] = saved as [tf.Tensor4D, tf.Tensor4D];
		const { filterSize, strides, pad, dimRoundingMode } = attributes;
		return {
			x: () =>
				tf.engine().runKernel(tf.MaxPoolGrad, { dy: dy as tf.Tensor, input, output }, {
					filterSize,
					strides,
					pad,
					dimRoundingMode,
				} as tf.NamedAttrMap),
		};
	},
};

export const depthwiseGradient: tf.GradConfig = {
	kernelName: tf.DepthwiseConv2dNative,
	inputsToSave: ['x', 'filter'],
	gradFunc: (dy, saved, attributes) => {
		const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
		const { strides, pad, dimRoundingMode, dilations: given } = attributes as Attributes;
		const dilations = dilationsOf(given);
		const filterShape = spreadShape(filter.shape, dilations);
		const run = (kernel: string, inputs: tf.NamedTensorMap, shapes: object): tf.Tensor =>
			tf
				.engine()
				.runKernel(kernel, inputs, { strides, pad, dilations: [1, 1], dimRoundingMode, ...shapes } as tf.NamedAttrMap);
		return {
			x: () =>
				run(
					tf.DepthwiseConv2dNativeBackpropInput,
					{ dy: dy as tf.Tensor, filter: spreadFilter(filter, dilations) },
					{ inputShape: x.shape, filterShape },
				),
			filter: () =>
				atFilterCells(
					run(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy: dy as tf.Tensor }, { filterShape }),
					dilations,
				),
		};
	},
};

/**
 * Each cell's share of the windows that it lies in: a depthwise convolution with ones, backwards. The stock kernels divide
 * by the whole window at the edges too, where the forward pass divides by the cells that lie in the image.
 */
export const averagePoolGradient: tf.GradConfig = {
	kernelName: tf.AvgPool,
	inputsToSave: ['x'],
	gradFunc: (dy, saved, attributes) => {
		const [x] = saved as [tf.Tensor4D];
		const { filterSize, strides, pad } = attributes as unknown as tf.AvgPoolAttrs;
		const info = tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad);
		const filter = tf.ones([info.filterHeight, info.filterWidth, info.inChannels, 1]);
		const shares = tf.mul(dy as tf.Tensor, windowShares(info));
		return {
			x: () =>
				tf.engine().runKernel(tf.DepthwiseConv2dNativeBackpropInput, { dy: shares, filter }, {
					strides,
					pad,
					dilations: [1, 1],
					inputShape: x.shape,
					filterShape: filter.shape,
				} as tf.NamedAttrMap),
		};
	},
};

/** 1 / cells of the image in each window. */
function windowShares(info: tf.backend_util.Conv2DInfo): tf.Tensor {
	const inside = (at: number, stride: number, before: number, window: number, size: number) =>
		Math.min(size, at * stride - before + window) - Math.max(0, at * stride - before);
	const rows = Array.from({ length: info.outHeight }, (_, at) =>
		inside(at, info.strideHeight, info.padInfo.top, info.filterHeight, info.inHeight),
	);
	const columns = Array.from({ length: info.outWidth }, (_, at) =>
		inside(at, info.strideWidth, info.padInfo.left, info.filterWidth, info.inWidth),
	);
	return tf.tensor(
		rows.flatMap((row) => columns.map((column) => 1 / (row * column))),
		[1, info.outHeight, info.outWidth, 1],
	);
}
