import type { OptimizerSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import { blend } from './blend.js';
import type { Update, UpdateRule } from './optimizer.js';

type RmspropSpec = Extract<OptimizerSpec, { kind: 'rmsprop' }>;

/**
 * RMSprop by Keras or by torch: epsilon under the root or beside it, and momentum over steps that hold the rate or over
 * ones that do not yet.
 */
export function rmsprop({ convention, rho, momentum, epsilon }: RmspropSpec): UpdateRule {
	const isTorch = convention === 'torch';
	return {
		update(weight, gradient, learningRate, state): Update {
			const velocity = blend(state?.slots.velocity, tf.square(gradient), 1 - rho);
			const root = isTorch ? tf.add(tf.sqrt(velocity), epsilon) : tf.sqrt(tf.add(velocity, epsilon));
			const direction = tf.div(gradient, root);
			if (momentum === 0) return { weight: tf.add(weight, tf.mul(direction, -learningRate)), slots: { velocity } };
			const step = isTorch ? direction : tf.mul(direction, learningRate);
			const old = state?.slots.momentum;
			const gathered = old === undefined ? step : tf.add(tf.mul(old, momentum), step);
			const move = tf.mul(gathered, isTorch ? -learningRate : -1);
			return { weight: tf.add(weight, move), slots: { velocity, momentum: gathered } };
		},
	};
}
