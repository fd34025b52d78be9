import * as tf from '@tensorflow/tfjs-core';
import type { Moments } from '../layers/batch-norm.js';
import { crossEntropy } from '../layers/cross-entropy.js';
import { type DeviceWeights, replaceWeight } from '../network/device-weights.js';
import { forward } from '../network/forward.js';
import type { NetworkLayer } from '../network/network.js';
import type { UpdateRule } from '../optimizer/optimizer.js';
import { applyGradient } from '../optimizer/optimizer-state.js';
import { drawDropoutMask } from './draws.js';
import { type ExampleSource, inputsOf, targetsOf } from './example-source.js';
import type { PhaseNetwork } from './phase-network.js';
import type { TrainingState } from './training-state.js';

export interface StepSettings {
	readonly network: PhaseNetwork;
	/** The batch holds the trunk's activations already. */
	readonly trunkDone: boolean;
	readonly rule: UpdateRule;
	readonly seed: number;
	readonly outputs: number;
}

/**
 * One step: gradients of the learning weights alone, one update each, BatchNorm statistics where the plan moves them.
 * The logits of the batch before the update come back; all other tensors of the step are gone.
 */
export function trainStep(state: TrainingState, batch: ExampleSource, settings: StepSettings): tf.Tensor {
	const { network, trunkDone, rule, seed, outputs } = settings;
	const names = [...network.learningRates.keys()];
	return tf.tidy(() => {
		const inputs = inputsOf(batch);
		const features = trunkDone ? inputs : forward(network.trunk, state.weights, inputs);
		const moved: { layer: NetworkLayer; moments: Moments }[] = [];
		let logits = features;
		const loss = () => {
			const mode = {
				batchStatistics: network.batchStatistics,
				frozen: network.frozen,
				onMoments: (layer: NetworkLayer, { mean, variance }: Moments) => {
					moved.push({ layer, moments: { mean: tf.keep(mean), variance: tf.keep(variance) } });
				},
				dropoutMask: (layer: string, shape: readonly number[], rate: number) =>
					drawDropoutMask(shape, rate, seed, layer, state.step),
			};
			logits = tf.keep(forward(network.tail, state.weights, features, mode));
			return crossEntropy(logits, targetsOf(batch, outputs));
		};
		const learning = names.map((name) => state.weights.get(name) as tf.Tensor);
		const { grads } = tf.engine().gradients(loss, learning);
		names.forEach((name, index) => {
			const rate = network.learningRates.get(name) ?? 0;
			applyGradient(rule, state.optimizer, state.weights, name, grads[index] as tf.Tensor, rate);
		});
		for (const { layer, moments } of moved) moveStatistics(state.weights, layer, moments);
		state.step += 1;
		return logits;
	});
}

/** Keras: new = momentum old + (1 - momentum) batch, with the biased variance. */
function moveStatistics(weights: DeviceWeights, { name, layer }: NetworkLayer, moments: Moments): void {
	if (layer.kind !== 'batch-norm') return;
	for (const [variable, batch] of [
		[`${name}/moving_mean`, moments.mean],
		[`${name}/moving_variance`, moments.variance],
	] as const) {
		const old = weights.get(variable) as tf.Tensor;
		replaceWeight(weights, variable, tf.add(tf.mul(old, layer.momentum), tf.mul(batch, 1 - layer.momentum)));
		batch.dispose();
	}
}
