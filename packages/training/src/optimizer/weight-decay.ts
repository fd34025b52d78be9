import type { OptimizerSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './optimizer.js';

/** What the optimizer does by itself: AdamW is named after its decay, the others have none. */
export function defaultWeightDecay({ kind, convention }: OptimizerSpec): number {
	if (kind !== 'adamw') return 0;
	return convention === 'torch' ? 0.01 : 0.004;
}

/**
 * The rule with weight decay. Keras' optimizers and AdamW shrink the weight by rate times decay before the update
 * ("decoupled"); torch's others add decay times the weight to the gradient, where momentum and scaling reach it.
 */
export function withWeightDecay(rule: UpdateRule, { kind, convention }: OptimizerSpec, decay: number): UpdateRule {
	if (decay === 0) return rule;
	const isInGradient = convention === 'torch' && kind !== 'adamw';
	return {
		update: (weight, gradient, learningRate, state) =>
			isInGradient
				? rule.update(weight, tf.add(gradient, tf.mul(weight, decay)), learningRate, state)
				: rule.update(tf.mul(weight, 1 - learningRate * decay), gradient, learningRate, state),
	};
}

/** Biases, gammas, betas and all other vectors do not decay (as in timm and Hugging Face). */
export const decays = (shape: readonly number[]): boolean => shape.length > 1;
