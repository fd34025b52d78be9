import * as tf from '@tensorflow/tfjs-core';
import { columnSum } from '../gradients/column-sum.js';

type SaveTensors = (tensors: tf.Tensor[]) => void;

/** Normalises the features of each token by their own mean and biased variance. One operation with its own gradient. */
export function layerNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): tf.Tensor {
	const operation = tf.customGrad((input, scale, shift, save) => {
		const centred = tf.sub(input as tf.Tensor, tf.mean(input as tf.Tensor, -1, true));
		const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
		const normal = tf.mul(centred, inverse);
		(save as SaveTensors)([normal, inverse, scale as tf.Tensor]);
		const value = tf.add(tf.mul(normal, scale as tf.Tensor), shift as tf.Tensor);
		return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy, saved) };
	});
	return operation(x, gamma, beta);
}

/** With n the normalised input and g = dy gamma: dx = (g - mean(g) - n mean(g n)) / sd; d gamma = sum dy n, d beta = sum dy. */
function gradient(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
	const [normal, inverse, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
	const slope = tf.mul(dy, scale);
	const inner = tf.sub(slope, tf.mean(slope, -1, true));
	const along = tf.mul(normal, tf.mean(tf.mul(slope, normal), -1, true));
	return [tf.mul(tf.sub(inner, along), inverse), columnSum(tf.mul(dy, normal)), columnSum(dy)];
}
