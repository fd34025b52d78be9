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

/** The rule of one update; pure. `state` is null at a weight's first update. */
export interface UpdateRule {
	update(weight: tf.Tensor, gradient: tf.Tensor, learningRate: number, state: WeightState | null): Update;
}
