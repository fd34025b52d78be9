import type { OptimizerSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './optimizer.js';

type AdamSpec = Extract<OptimizerSpec, { kind: 'adam' }>;

/**
 * Keras' Adam: the bias correction is in the rate, and epsilon is added to the uncorrected root ("epsilon hat"). Differs
 * from torch's in the sixth digit after three steps.
 */
export function adam({ beta1, beta2, epsilon }: AdamSpec): UpdateRule {
	return {
		update(weight, gradient, learningRate, state) {
			const step = (state?.updates ?? 0) + 1;
			const rate = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
			const square = tf.square(gradient);
			const momentum = blend(state?.slots.momentum, gradient, 1 - beta1);
			const velocity = blend(state?.slots.velocity, square, 1 - beta2);
			const change = tf.div(tf.mul(momentum, -rate), tf.add(tf.sqrt(velocity), epsilon));
			return { weight: tf.add(weight, change), slots: { momentum, velocity } };
		},
	};
}

/** Moves `old` (zeros at first) towards `value` by `share` of the way. */
function blend(old: tf.Tensor | undefined, value: tf.Tensor, share: number): tf.Tensor {
	return old === undefined ? tf.mul(value, share) : tf.add(old, tf.mul(tf.sub(value, old), share));
}
