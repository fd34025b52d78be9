import * as tf from '@tensorflow/tfjs-core';
import type { Moments } from '../layers/batch-norm.js';
import { takeRows } from '../losses/take-rows.js';
import { type DeviceWeights, replaceWeight } from '../network/device-weights.js';
import { forward } from '../network/forward.js';
import type { NetworkLayer } from '../network/network.js';
import { clipGradients } from '../optimizer/clip-gradients.js';
import { applyGradient } from '../optimizer/optimizer-state.js';
import { beginAverages, changingWeights, moveAverages } from './averages.js';
import type { Adaptation } from './domain-adaptation.js';
import { drawDropoutMask } from './draws.js';
import { type ExampleBatch, inputsOf, joinUnlabelled } from './example-source.js';
import type { Objective } from './objective.js';
import type { PhaseNetwork } from './phase-network.js';
import type { Recipe, StepRecipe } from './recipe.js';
import type { Penalty } from './start-penalty.js';
import type { TrainingBatch } from './training-batch.js';
import type { TrainingState } from './training-state.js';

export interface StepSettings {
	readonly network: PhaseNetwork;
	/** The batch holds the trunk's activations already. */
	readonly trunkDone: boolean;
	readonly objective: Objective;
	readonly recipe: Recipe;
	readonly now: StepRecipe;
	readonly seed: number;
	/** Added to the loss. */
	readonly penalty?: Penalty | null;
	/** What unlabelled target data add to the loss. */
	readonly adaptation?: Adaptation | null;
	/** The target's examples of this step; there where `adaptation` is. */
	readonly target?: ExampleBatch | null;
	/** Takes what they added in this step, and disposes of it. */
	readonly onDistance?: (distance: tf.Scalar) => void;
}

/**
 * One step: gradients of the learning weights alone, one update each, BatchNorm statistics where the plan moves them.
 * The network's outputs for the labelled batch before the update come back; all other tensors of the step are gone.
 */
export function trainStep(state: TrainingState, batch: TrainingBatch, settings: StepSettings): tf.Tensor {
	const {
		network,
		trunkDone,
		objective,
		recipe,
		now,
		seed,
		penalty = null,
		adaptation = null,
		target = null,
	} = settings;
	const names = [...network.learningRates.keys()];
	if (recipe.ema !== null) beginAverages(state, changingWeights(network));
	const kept: tf.Tensor[] = [];
	const keep = <Kept extends tf.Tensor>(tensor: Kept): Kept => {
		kept.push(tensor);
		return tf.keep(tensor);
	};
	const step = () => {
		const inputs = inputsOf(target === null ? batch : joinUnlabelled(batch, target));
		const features = trunkDone ? inputs : forward(network.trunk, state.weights, inputs);
		const moved: { layer: NetworkLayer; moments: Moments }[] = [];
		let outputs = features;
		const loss = () => {
			const mode = {
				batchStatistics: network.batchStatistics,
				frozen: network.frozen,
				onMoments: (layer: NetworkLayer, { mean, variance }: Moments) => {
					moved.push({ layer, moments: { mean: keep(mean), variance: keep(variance) } });
				},
				dropoutMask: (layer: string, shape: readonly number[], rate: number) =>
					drawDropoutMask(shape, rate, seed, layer, state.step),
			};
			// The domains are compared where the head's last layer reads.
			const read = forward(network.tail.slice(0, -1), state.weights, features, mode);
			const labelled = target === null ? read : takeRows(read, 0, batch.count);
			outputs = keep(forward(network.tail.slice(-1), state.weights, labelled, mode));
			let sum = objective.loss(outputs, batch.targets);
			if (penalty !== null) sum = tf.add(sum, penalty.of(state.weights));
			if (adaptation === null) return sum;
			const distance = adaptation.loss(read, batch.count, state.weights, state.step);
			settings.onDistance?.(keep(tf.clone(distance)));
			return tf.add(sum, distance) as tf.Scalar;
		};
		const learning = names.map((name) => state.weights.get(name) as tf.Tensor);
		const { grads } = tf.engine().gradients(loss, learning);
		const gradients = recipe.gradientClip === null ? grads : clipGradients(grads, recipe.gradientClip);
		names.forEach((name, index) => {
			const rate = (network.learningRates.get(name) ?? 0) * now.factor;
			const gradient = gradients[index] as tf.Tensor;
			applyGradient(now.ruleFor(name, gradient.shape), state.optimizer, state.weights, name, gradient, rate);
		});
		for (const { layer, moments } of moved) moveStatistics(state.weights, layer, moments);
		if (recipe.ema !== null) moveAverages(state, recipe.ema, now.step);
		state.step += 1;
		return outputs;
	};
	try {
		return tf.tidy(step);
	} catch (error) {
		tf.dispose(kept);
		dropTape();
		throw error;
	}
}

/** tfjs-core gives back what it remembers for the gradients when they are done, and forgets to where they fail. */
function dropTape(): void {
	const { state } = tf.engine();
	for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
	state.activeTape = [];
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
