import * as tf from '@tensorflow/tfjs-core';
import { nativeOperation } from '../kernels/native-operation.js';
import type { Moments } from './moments.js';

type SaveTensors = (tensors: tf.Tensor[]) => void;
const TYPES = ['T', 'U'];

/** By TensorFlow's own operation, which does in two passes what takes a dozen; null where there is none for it. */
export function nativeBatchNorm(
	x: tf.Tensor,
	gamma: tf.Tensor,
	beta: tf.Tensor,
	epsilon: number,
	onMoments: (moments: Moments) => void,
): tf.Tensor | null {
	const run = x.rank === 4 ? nativeOperation() : null;
	if (run === null) return null;
	const settings = { epsilon, data_format: 'NHWC', is_training: true };
	const rows = x.size / (x.shape[3] ?? 1);
	const operation = tf.customGrad((input, scale, shift, save) => {
		const none = tf.zeros([0]);
		const inputs = [input, scale, shift, none, none] as tf.Tensor[];
		const [value, mean, variance, ...reserved] = run('FusedBatchNormV3', {
			inputs,
			outputs: 6,
			types: TYPES,
			settings,
		});
		// The operation hands out the variance as an estimate over rows - 1; Keras keeps the biased one.
		const biased = tf.mul(variance as tf.Tensor, (rows - 1) / rows);
		onMoments({ mean: mean as tf.Tensor1D, variance: biased as tf.Tensor1D });
		(save as SaveTensors)([input as tf.Tensor, scale as tf.Tensor, ...reserved]);
		const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
			run('FusedBatchNormGradV3', { inputs: [dy, ...saved], outputs: 5, types: TYPES, settings }).slice(0, 3);
		return { value: value as tf.Tensor, gradFunc };
	});
	return operation(x, gamma, beta);
}

/** The same by given statistics, in one pass instead of two. */
export function nativeNormalization(
	x: tf.Tensor,
	{ gamma, beta, mean, variance }: Record<'gamma' | 'beta' | 'mean' | 'variance', tf.Tensor>,
	epsilon: number,
): tf.Tensor | null {
	const run = x.rank === 4 ? nativeOperation() : null;
	if (run === null) return null;
	const settings = { epsilon, data_format: 'NHWC', is_training: false };
	const operation = tf.customGrad((input, scale, shift, save) => {
		const inputs = [input, scale, shift, mean, variance] as tf.Tensor[];
		const [value] = run('FusedBatchNormV3', { inputs, outputs: 6, types: TYPES, settings });
		(save as SaveTensors)([input as tf.Tensor, scale as tf.Tensor, mean, variance]);
		const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
			const inputs = [dy, ...saved, tf.zeros([0])];
			return run('FusedBatchNormGradV3', { inputs, outputs: 5, types: TYPES, settings }).slice(0, 3);
		};
		return { value: value as tf.Tensor, gradFunc };
	});
	return operation(x, gamma, beta);
}
