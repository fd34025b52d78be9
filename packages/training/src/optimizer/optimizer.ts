import type * as tf from '@tensorflow/tfjs-core';

/** What an optimizer remembers of one weight. Explicit, so that a checkpoint can hold it. */
export interface WeightState {
	/** Updates of this weight since it last began to learn. */
	readonly updates: number;
	readonly slots: Readonly<Record<string, tf.Tensor>>;
}

export interface Update {
	readonly weight: tf.Tensor;
	readonly slots: WeightState['slots'];
}

/**
 * The rule of one update, a function of its arguments alone. `state` is null at a weight's first update. The rule may
 * dispose of the weight and the slots that it is given, and so write into their memory.
 */
export interface UpdateRule {
	update(weight: tf.Tensor, gradient: tf.Tensor, learningRate: number, state: WeightState | null): Update;
}
