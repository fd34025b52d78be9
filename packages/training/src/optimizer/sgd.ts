import type { OptimizerSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import type { Update, UpdateRule } from './optimizer.js';

type SgdSpec = Extract<OptimizerSpec, { kind: 'sgd' }>;

/** Keras' SGD: the velocity holds the rate already, so that a change of the rate does not rescale what was gathered. */
export function sgd({ momentum, nesterov }: SgdSpec): UpdateRule {
	return {
		update(weight, gradient, learningRate, state): Update {
			const change = tf.mul(gradient, -learningRate);
			if (momentum === 0) return { weight: tf.add(weight, change), slots: {} };
			const old = state?.slots.velocity;
			const velocity = old === undefined ? change : tf.add(tf.mul(old, momentum), change);
			const move = nesterov ? tf.add(tf.mul(velocity, momentum), change) : velocity;
			return { weight: tf.add(weight, move), slots: { velocity } };
		},
	};
}
