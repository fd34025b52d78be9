import * as tf from '@tensorflow/tfjs-core';

const axesOf = (x: tf.Tensor, axes: unknown): number[] => tf.util.parseAxisParam(axes as number | number[], x.shape);

/** Puts the axes that a reduction took away back with length 1. */
function restoreAxes(reduced: tf.Tensor, x: tf.Tensor, axes: number[]): tf.Tensor {
	return tf.reshape(
		reduced,
		x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
	);
}

export const meanGradient: tf.GradConfig = {
	kernelName: tf.Mean,
	inputsToSave: ['x'],
	gradFunc: (dy, saved, attributes) => {
		const [x] = saved as [tf.Tensor];
		const axes = axesOf(x, attributes.axis);
		const count = axes.reduce((product, axis) => product * (x.shape[axis] ?? 1), 1);
		return { x: () => tf.mul(tf.fill(x.shape, 1 / count), restoreAxes(dy as tf.Tensor, x, axes)) };
	},
};

/** Several cells that share the maximum share its gradient, as in TensorFlow. */
export const maxGradient: tf.GradConfig = {
	kernelName: tf.Max,
	inputsToSave: ['x'],
	outputsToSave: [true],
	gradFunc: (dy, saved, attributes) => {
		const [x, y] = saved as [tf.Tensor, tf.Tensor];
		const axes = axesOf(x, attributes.reductionIndices);
		return {
			x: () => {
				const isMaximum = tf.cast(tf.equal(x, restoreAxes(y, x, axes)), 'float32');
				const share = tf.div(restoreAxes(dy as tf.Tensor, x, axes), tf.sum(isMaximum, axes, true));
				return tf.mul(isMaximum, share);
			},
		};
	},
};
