import type * as tf from '@tensorflow/tfjs-core';

/** Mean and biased variance of one batch, by channel. */
export interface Moments {
	readonly mean: tf.Tensor1D;
	readonly variance: tf.Tensor1D;
}
