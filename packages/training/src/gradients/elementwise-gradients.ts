import * as tf from '@tensorflow/tfjs-core';
import { nativeOperation } from '../kernels/native-operation.js';
import { sumTo } from './column-sum.js';

export const addGradient: tf.GradConfig = {
	kernelName: tf.Add,
	inputsToSave: ['a', 'b'],
	gradFunc: (dy, saved) => {
		const [a, b] = saved as [tf.Tensor, tf.Tensor];
		return { a: () => sumTo(dy as tf.Tensor, a.shape), b: () => sumTo(dy as tf.Tensor, b.shape) };
	},
};

export const multiplyGradient: tf.GradConfig = {
	kernelName: tf.Multiply,
	inputsToSave: ['a', 'b'],
	gradFunc: (dy, saved) => {
		const [a, b] = saved as [tf.Tensor, tf.Tensor];
		return {
			a: () => sumTo(tf.mul(dy as tf.Tensor, b), a.shape),
			b: () => sumTo(tf.mul(dy as tf.Tensor, a), b.shape),
		};
	},
};

/** TensorFlow has an operation for it; tfjs-node's step alone is four. */
function reluSlope(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
	const native = nativeOperation()?.('ReluGrad', { inputs: [dy, y], outputs: 1 })[0];
	return native ?? tf.mul(dy, tf.step(y));
}

export const reluGradient: tf.GradConfig = {
	kernelName: tf.Relu,
	outputsToSave: [true],
	gradFunc: (dy, saved) => {
		const [y] = saved as [tf.Tensor];
		return { x: () => reluSlope(dy as tf.Tensor, y) };
	},
};

export const reshapeGradient: tf.GradConfig = {
	kernelName: tf.Reshape,
	inputsToSave: ['x'],
	gradFunc: (dy, saved) => {
		const [x] = saved as [tf.Tensor];
		return { x: () => tf.reshape(dy as tf.Tensor, x.shape) };
	},
};
