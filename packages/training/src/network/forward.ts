import * as tf from '@tensorflow/tfjs-core';
import type { Moments } from '../layers/batch-norm.js';
import { forwardLayer } from '../layers/forward-layer.js';
import { lowRankUpdate } from '../layers/low-rank.js';
import type { DeviceWeights } from './device-weights.js';
import { foldBiases } from './fold-biases.js';
import type { NetworkLayer } from './network.js';

/** How layers behave in a training step. Without it they infer: moving statistics, no dropout. */
export interface TrainingMode {
	/** Names of the BatchNorm layers that normalise by the batch. */
	readonly batchStatistics: ReadonlySet<string>;
	readonly onMoments: (layer: NetworkLayer, moments: Moments) => void;
	readonly dropoutMask: (layer: string, shape: readonly number[], rate: number) => tf.Tensor;
	/** Groups whose layers drop nothing. */
	readonly frozen: ReadonlySet<string>;
}

/**
 * Output of the last of these layers on a batch. What they read and none of them gives is `inputs`: the network's input,
 * or what crosses the cut where these are the layers above one.
 */
export function forward(
	layers: readonly NetworkLayer[],
	weights: DeviceWeights,
	inputs: tf.Tensor,
	training: TrainingMode | null = null,
): tf.Tensor {
	const outputs = new Map<string, tf.Tensor>();
	const lastReader = new Map(layers.flatMap((one, index) => one.inputs.map((name) => [name, index] as const)));
	const folded = training === null ? foldBiases(layers) : new Map<string, NetworkLayer>();
	const withoutBias = new Set(folded.values());
	let x = inputs;
	for (const [index, one] of layers.entries()) {
		const read = one.inputs.map((name) => outputs.get(name) ?? inputs);
		const run = () => {
			const before = folded.get(one.name);
			const layer = withoutBias.has(one) && 'useBias' in one.layer ? { ...one.layer, useBias: false } : one.layer;
			const y = forwardLayer(layer, read, {
				weight: (variable) => {
					const own = weightOf(weights, one.borrows ?? `${one.name}/${variable}`);
					if (before === undefined || variable !== 'moving_mean') return own;
					return tf.sub(own, weightOf(weights, `${before.name}/bias`));
				},
				batchStatistics: training?.batchStatistics.has(one.name) ?? false,
				onMoments: (moments) => training?.onMoments(one, moments),
				dropoutMask:
					training === null || training.frozen.has(one.group)
						? null
						: (shape, rate) => training.dropoutMask(one.name, shape, rate),
			});
			if (one.lowRankScale === undefined) return y;
			const [a, b] = [weightOf(weights, `${one.name}/lora_a`), weightOf(weights, `${one.name}/lora_b`)];
			return tf.add(y, lowRankUpdate(one.layer, read[0] as tf.Tensor, a, b, one.lowRankScale));
		};
		x = training === null ? tf.tidy(run) : run();
		outputs.set(one.name, x);
		if (training === null) release(outputs, inputs, (name) => lastReader.get(name) === index);
	}
	return x;
}

/**
 * Gives back what no later layer reads: a deep network's activations together are tens of times the largest one. In
 * training they stay, for the gradient needs them.
 */
function release(outputs: Map<string, tf.Tensor>, inputs: tf.Tensor, isRead: (name: string) => boolean): void {
	const done = [...outputs].filter(([name]) => isRead(name));
	for (const [name] of done) outputs.delete(name);
	const alive = new Set([...outputs.values(), inputs]);
	for (const [, tensor] of done) if (!alive.has(tensor)) tensor.dispose();
}

function weightOf(weights: DeviceWeights, name: string): tf.Tensor {
	const tensor = weights.get(name);
	if (tensor === undefined) throw new Error(`the network has no weight ${name}`);
	return tensor;
}
