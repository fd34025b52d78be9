import * as tf from '@tensorflow/tfjs-core';

/**
 * Gradients scaled down so that the norm of all of them together is `limit` at most (TensorFlow's clip_by_global_norm). It
 * stays on the device: nothing waits for the norm.
 */
export function clipGradients(gradients: readonly tf.Tensor[], limit: number): tf.Tensor[] {
	const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
	const norm = tf.sqrt(tf.addN(squares));
	const scale = tf.div(limit, tf.maximum(norm, limit));
	return gradients.map((gradient) => tf.mul(gradient, scale));
}
