import type { OptimizerSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import type { Update, UpdateRule } from './optimizer.js';

type SgdSpec = Extract<OptimizerSpec, { kind: 'sgd' }>;

/**
 * SGD by Keras or by torch. Keras' velocity holds the rate already, so that a change of the rate does not rescale what was
 * gathered; torch's holds gradients, all of which then move by the new rate.
 */
export function sgd({ convention, momentum, nesterov }: SgdSpec): UpdateRule {
	const isTorch = convention === 'torch';
	return {
		update(weight, gradient, learningRate, state): Update {
			const step = tf.mul(gradient, -learningRate);
			if (momentum === 0) return { weight: tf.add(weight, step), slots: {} };
			const added = isTorch ? gradient : step;
			const old = state?.slots.velocity;
			const velocity = old === undefined ? added : tf.add(tf.mul(old, momentum), added);
			const ahead = nesterov ? tf.add(tf.mul(velocity, momentum), added) : velocity;
			const move = isTorch ? tf.mul(ahead, -learningRate) : ahead;
			return { weight: tf.add(weight, move), slots: { velocity } };
		},
	};
}
