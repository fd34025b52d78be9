import type { OptimizerSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import { blend } from './blend.js';
import type { UpdateRule } from './optimizer.js';

type AdamSpec = Extract<OptimizerSpec, { kind: 'adam' | 'adamw' }>;

/**
 * Adam by Keras or by torch. Keras puts the bias correction into the rate and adds epsilon to the uncorrected root
 * ("epsilon hat"); torch adds it to the corrected one. They differ in the sixth digit after three steps.
 */
export function adam({ convention, beta1, beta2, epsilon }: AdamSpec): UpdateRule {
	return {
		update(weight, gradient, learningRate, state) {
			const step = (state?.updates ?? 0) + 1;
			const correction = Math.sqrt(1 - beta2 ** step);
			const rate = learningRate / (1 - beta1 ** step);
			const square = tf.square(gradient);
			const momentum = blend(state?.slots.momentum, gradient, 1 - beta1);
			const velocity = blend(state?.slots.velocity, square, 1 - beta2);
			const root = tf.sqrt(velocity);
			// For torch the whole fraction is multiplied by the correction, which leaves epsilon alone.
			const beside = convention === 'torch' ? epsilon * correction : epsilon;
			const change = tf.div(tf.mul(momentum, -rate * correction), tf.add(root, beside));
			return { weight: tf.add(weight, change), slots: { momentum, velocity } };
		},
	};
}
