import * as tf from '@tensorflow/tfjs-core';

type SaveTensors = (tensors: tf.Tensor[]) => void;

/** Mean over the batch of the squared (`mse`) or absolute (`mae`) difference; outputs and targets are [examples, 1]. */
export function regressionLoss(kind: 'mse' | 'mae', outputs: tf.Tensor, targets: tf.Tensor): tf.Scalar {
	const share = 1 / outputs.size;
	const operation = tf.customGrad((input, save) => {
		const difference = tf.sub(input as tf.Tensor, targets);
		(save as SaveTensors)([difference]);
		const each = kind === 'mse' ? tf.square(difference) : tf.abs(difference);
		const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
			const [off] = saved as [tf.Tensor];
			return kind === 'mse' ? tf.mul(off, tf.mul(dy, 2 * share)) : tf.mul(tf.sign(off), tf.mul(dy, share));
		};
		return { value: tf.mul(tf.sum(each), share) as tf.Scalar, gradFunc };
	});
	return operation(outputs) as tf.Scalar;
}
