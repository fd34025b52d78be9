import * as tf from '@tensorflow/tfjs-core';

/**
 * strength / 2 |w - anchor|^2, with anchor 0 where it is null: L2-SP's pull of the backbone to its start (Li et al. 2018),
 * and plain L2 for the head. Its gradient is strength (w - anchor), and so zero at the anchor.
 */
export function pullTowards(weight: tf.Tensor, anchor: tf.Tensor | null, strength: number): tf.Scalar {
	const operation = tf.customGrad((w, save) => {
		const away = anchor === null ? (w as tf.Tensor) : tf.sub(w as tf.Tensor, anchor);
		(save as (tensors: tf.Tensor[]) => void)([away]);
		const value = tf.mul(tf.sum(tf.square(away)), strength / 2) as tf.Scalar;
		const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0] as tf.Tensor, tf.mul(dy, strength));
		return { value, gradFunc };
	});
	return operation(weight) as tf.Scalar;
}
