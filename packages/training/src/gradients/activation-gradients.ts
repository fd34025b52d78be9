import * as tf from '@tensorflow/tfjs-core';

export const relu6Gradient: tf.GradConfig = {
	kernelName: tf.Relu6,
	outputsToSave: [true],
	gradFunc: (dy, saved) => {
		const [y] = saved as [tf.Tensor];
		return { x: () => tf.mul(dy as tf.Tensor, tf.mul(tf.step(y), tf.cast(tf.less(y, 6), 'float32'))) };
	},
};

export const tanhGradient: tf.GradConfig = {
	kernelName: tf.Tanh,
	outputsToSave: [true],
	gradFunc: (dy, saved) => {
		const [y] = saved as [tf.Tensor];
		return { x: () => tf.mul(dy as tf.Tensor, tf.sub(1, tf.square(y))) };
	},
};

/** Along the last axis: y (dy - sum(dy y)). */
export const softmaxGradient: tf.GradConfig = {
	kernelName: tf.Softmax,
	outputsToSave: [true],
	gradFunc: (dy, saved) => {
		const [y] = saved as [tf.Tensor];
		const weighted = tf.mul(dy as tf.Tensor, y);
		return { logits: () => tf.sub(weighted, tf.mul(tf.sum(weighted, -1, true), y)) };
	},
};
