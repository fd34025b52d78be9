import * as tf from '@tensorflow/tfjs-core';

/**
 * Gradients scaled down so that the norm of all of them together is `limit` at most (TensorFlow's clip_by_global_norm). It
 * stays on the device: nothing waits for the norm.
 */
export function clipGradients(gradients: readonly tf.Tensor[], limit: number): tf.Tensor[] {
	const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
	// One by one: a GPU's program reads only so many tensors at once, and addN on WebGPU does not keep to that.
	const norm = tf.sqrt(squares.reduce((sum, one) => tf.add(sum, one)));
	const scale = tf.div(limit, tf.maximum(norm, limit));
	return gradients.map((gradient) => tf.mul(gradient, scale));
}
