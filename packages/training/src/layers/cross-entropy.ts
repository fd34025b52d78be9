import * as tf from '@tensorflow/tfjs-core';

type SaveTensors = (tensors: tf.Tensor[]) => void;

/**
 * Mean over the batch of -log softmax(logits)[label]. `targets` holds a row an example: class probabilities, times the
 * example's weight where it has one.
 */
export function crossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Scalar {
	const share = 1 / (logits.shape[0] ?? 1);
	const operation = tf.customGrad((input, save) => {
		const shifted = tf.sub(input as tf.Tensor, tf.max(input as tf.Tensor, 1, true));
		const exponentials = tf.exp(shifted);
		const sums = tf.sum(exponentials, 1, true);
		const logProbabilities = tf.sub(shifted, tf.log(sums));
		const weights = tf.sum(targets, 1, true);
		(save as SaveTensors)([tf.mul(tf.div(exponentials, sums), weights), targets]);
		const value = tf.mul(tf.sum(tf.mul(logProbabilities, targets)), -share) as tf.Scalar;
		const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
			const [probabilities, wanted] = saved as [tf.Tensor, tf.Tensor];
			return tf.mul(tf.sub(probabilities, wanted), tf.mul(dy, share));
		};
		return { value, gradFunc };
	});
	return operation(logits) as tf.Scalar;
}
