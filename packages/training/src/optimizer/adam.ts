import type { OptimizerSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import { nativeAdam } from '../kernels/native-adam.js';
import { blend } from './blend.js';
import type { Update, UpdateRule, WeightState } from './optimizer.js';

type AdamSpec = Extract<OptimizerSpec, { kind: 'adam' | 'adamw' }>;

/**
 * Adam by Keras or by torch. Keras puts the bias correction into the rate and adds epsilon to the uncorrected root
 * ("epsilon hat"); torch adds it to the corrected one. They differ in the sixth digit after three steps.
 */
export function adam(spec: AdamSpec): UpdateRule {
	return {
		update: (weight, gradient, learningRate, state) =>
			byOneOperation(spec, weight, gradient, learningRate, state) ??
			bySteps(spec, weight, gradient, learningRate, state),
	};
}

type Step = readonly [weight: tf.Tensor, gradient: tf.Tensor, learningRate: number, state: WeightState | null];

function bySteps(spec: AdamSpec, ...[weight, gradient, learningRate, state]: Step): Update {
	const { rate, epsilon } = corrected(spec, learningRate, state);
	const square = tf.square(gradient);
	const momentum = blend(state?.slots.momentum, gradient, 1 - spec.beta1);
	const velocity = blend(state?.slots.velocity, square, 1 - spec.beta2);
	const change = tf.div(tf.mul(momentum, -rate), tf.add(tf.sqrt(velocity), epsilon));
	return { weight: tf.add(weight, change), slots: { momentum, velocity } };
}

/** TensorFlow's operation knows the betas as float32: the correction must be by the same ones. */
function byOneOperation(spec: AdamSpec, ...[weight, gradient, learningRate, state]: Step): Update | null {
	const apply = nativeAdam();
	if (apply === null) return null;
	const known = { ...spec, beta1: Math.fround(spec.beta1), beta2: Math.fround(spec.beta2) };
	const numbers = { ...known, ...corrected(known, learningRate, state) };
	const slot = (name: string) => state?.slots[name] ?? tf.zeros(weight.shape);
	const updated = apply([weight, slot('momentum'), slot('velocity')], gradient, numbers);
	const [changed, momentum, velocity] = updated as [tf.Tensor, tf.Tensor, tf.Tensor];
	return { weight: changed, slots: { momentum, velocity } };
}

function corrected(
	{ convention, beta1, beta2, epsilon }: AdamSpec,
	learningRate: number,
	state: WeightState | null,
): { rate: number; epsilon: number } {
	const step = (state?.updates ?? 0) + 1;
	const correction = Math.sqrt(1 - beta2 ** step);
	// For torch the whole fraction is multiplied by the correction, which leaves epsilon alone.
	const beside = convention === 'torch' ? epsilon * correction : epsilon;
	return { rate: (learningRate * correction) / (1 - beta1 ** step), epsilon: beside };
}
