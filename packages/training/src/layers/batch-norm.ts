import * as tf from '@tensorflow/tfjs-core';
import { columnSum } from '../gradients/column-sum.js';
import type { Moments } from './moments.js';
import { nativeBatchNorm, nativeNormalization } from './native-batch-norm.js';

export type { Moments } from './moments.js';

type SaveTensors = (tensors: tf.Tensor[]) => void;

/** Normalises by the moving statistics: a fixed scale and shift by channel, through which gamma and beta can learn. */
export function normalizeByStatistics(
	x: tf.Tensor,
	by: Record<'gamma' | 'beta' | 'mean' | 'variance', tf.Tensor>,
	epsilon: number,
): tf.Tensor {
	const native = nativeNormalization(x, by, epsilon);
	if (native !== null) return native;
	const { gamma, beta, mean, variance } = by;
	const inverse = tf.rsqrt(tf.add(variance, epsilon));
	const scale = tf.mul(gamma, inverse);
	const shift = tf.add(beta, tf.mul(scale, tf.neg(mean)));
	return tf.add(tf.mul(x, scale), shift);
}

/**
 * Normalises by the batch's own mean and biased variance (Keras), and hands them to `onMoments`. One operation with its
 * own gradient: a third of the steps that the chain of elementwise operations takes.
 */
export function normalizeByBatch(
	x: tf.Tensor,
	gamma: tf.Tensor,
	beta: tf.Tensor,
	epsilon: number,
	onMoments: (moments: Moments) => void,
): tf.Tensor {
	const native = nativeBatchNorm(x, gamma, beta, epsilon, onMoments);
	if (native !== null) return native;
	const share = (x.shape.at(-1) ?? 1) / x.size;
	const operation = tf.customGrad((input, scale, shift, save) => {
		const mean = columnSum(input as tf.Tensor, share);
		const centred = tf.sub(input as tf.Tensor, mean);
		const variance = columnSum(tf.square(centred), share);
		const inverse = tf.rsqrt(tf.add(variance, epsilon));
		onMoments({ mean, variance });
		(save as SaveTensors)([centred, inverse, scale as tf.Tensor]);
		const value = tf.add(tf.mul(centred, tf.mul(inverse, scale as tf.Tensor)), shift as tf.Tensor);
		return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy, saved, share) };
	});
	return operation(x, gamma, beta);
}

/** With n the normalised input: d beta = sum dy, d gamma = sum dy n, dx = gamma / sd (dy - mean(dy) - n mean(dy n)). */
function gradient(dy: tf.Tensor, saved: tf.Tensor[], share: number): tf.Tensor[] {
	const [centred, inverse, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
	const shiftGradient = columnSum(dy);
	const scaleGradient = tf.mul(columnSum(tf.mul(dy, centred)), inverse);
	const factor = tf.mul(scale, inverse);
	const slope = tf.mul(tf.mul(scaleGradient, inverse), -share);
	const offset = tf.mul(shiftGradient, -share);
	const inputGradient = tf.mul(tf.add(tf.add(dy, tf.mul(centred, slope)), offset), factor);
	return [inputGradient, scaleGradient, shiftGradient];
}
