import * as tf from '@tensorflow/tfjs-core';

/** Moves `old` (zeros at first) towards `value` by `share` of the way. */
export function blend(old: tf.Tensor | undefined, value: tf.Tensor, share: number): tf.Tensor {
	return old === undefined ? tf.mul(value, share) : tf.add(old, tf.mul(tf.sub(value, old), share));
}
