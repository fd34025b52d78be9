import * as tf from '@tensorflow/tfjs-core';

type Attributes = Record<'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode', unknown>;

export const conv2dGradient: tf.GradConfig = {
	kernelName: tf.Conv2D,
	inputsToSave: ['x', 'filter'],
	gradFunc: (dy, saved, attributes) => {
		const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
		const { strides, pad, dataFormat, dimRoundingMode } = attributes as Attributes;
		const run = (kernel: string, inputs: tf.NamedTensorMap, shapes: object): tf.Tensor =>
			tf
				.engine()
				.runKernel(kernel, inputs, { strides, pad, dataFormat, dimRoundingMode, ...shapes } as tf.NamedAttrMap);
		return {
			x: () => run(tf.Conv2DBackpropInput, { dy: dy as tf.Tensor, filter }, { inputShape: x.shape }),
			filter: () => run(tf.Conv2DBackpropFilter, { x, dy: dy as tf.Tensor }, { filterShape: filter.shape }),
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
