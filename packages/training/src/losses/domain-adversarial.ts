import * as tf from '@tensorflow/tfjs-core';

type SaveTensors = (tensors: tf.Tensor[]) => void;

/** The identity, whose gradient comes back reversed and scaled by `strength` (Ganin and Lempitsky 2015). */
export function reverseGradient(x: tf.Tensor, strength: number): tf.Tensor {
	const operation = tf.customGrad((input, _save) => ({
		value: tf.clone(input as tf.Tensor),
		gradFunc: (dy: tf.Tensor) => tf.mul(dy, -strength),
	}));
	return operation(x);
}

/**
 * Strength of the reversed gradient at the share `done` of the run: 2 / (1 + exp(-gamma done)) - 1, from 0 towards 1, so
 * that the features are left alone while the discriminator knows nothing. tllib counts over its first 1,000 steps with
 * gamma 1.
 */
export const reversalStrength = (done: number, gamma: number): number => 2 / (1 + Math.exp(-gamma * done)) - 1;

/**
 * How badly the discriminator tells source (1) from target (0): mean of the two domains' mean binary cross-entropies
 * (tllib). `logits` is [n + m, 1], source first.
 */
export function domainConfusion(logits: tf.Tensor, sources: number): tf.Scalar {
	const rows = logits.shape[0] ?? 0;
	const labels = tf.tensor(
		Float32Array.from({ length: rows }, (_, row) => (row < sources ? 1 : 0)),
		[rows, 1],
	);
	const shares = tf.tensor(
		Float32Array.from({ length: rows }, (_, row) => 0.5 / (row < sources ? sources : rows - sources)),
		[rows, 1],
	);
	const operation = tf.customGrad((given, save) => {
		const x = given as tf.Tensor;
		(save as SaveTensors)([tf.sub(tf.sigmoid(x), labels), shares]);
		// max(x, 0) - x label + log(1 + exp(-|x|)): never overflows.
		const losses = tf.add(tf.sub(tf.relu(x), tf.mul(x, labels)), tf.log(tf.add(tf.exp(tf.neg(tf.abs(x))), 1)));
		const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
			tf.mul(tf.mul(saved[0] as tf.Tensor, saved[1] as tf.Tensor), dy);
		return { value: tf.sum(tf.mul(losses, shares)) as tf.Scalar, gradFunc };
	});
	return operation(logits) as tf.Scalar;
}
