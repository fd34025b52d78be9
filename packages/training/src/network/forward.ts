import type * as tf from '@tensorflow/tfjs-core';
import type { Moments } from '../layers/batch-norm.js';
import { forwardLayer } from '../layers/forward-layer.js';
import type { DeviceWeights } from './device-weights.js';
import type { NetworkLayer } from './network.js';

/** How layers behave in a training step. Without it they infer: moving statistics, no dropout. */
export interface TrainingMode {
	/** Names of the BatchNorm layers that normalise by the batch. */
	readonly batchStatistics: ReadonlySet<string>;
	readonly onMoments: (layer: NetworkLayer, moments: Moments) => void;
	readonly dropoutMask: (layer: string, shape: readonly number[], rate: number) => tf.Tensor;
}

/** Output of the layers, one after the other, on a batch. */
export function forward(
	layers: readonly NetworkLayer[],
	weights: DeviceWeights,
	inputs: tf.Tensor,
	training: TrainingMode | null = null,
): tf.Tensor {
	let x = inputs;
	for (const one of layers) {
		x = forwardLayer(one.layer, x, {
			weight: (variable) => weightOf(weights, `${one.name}/${variable}`),
			batchStatistics: training?.batchStatistics.has(one.name) ?? false,
			onMoments: (moments) => training?.onMoments(one, moments),
			dropoutMask: training && ((shape, rate) => training.dropoutMask(one.name, shape, rate)),
		});
	}
	return x;
}

function weightOf(weights: DeviceWeights, name: string): tf.Tensor {
	const tensor = weights.get(name);
	if (tensor === undefined) throw new Error(`the network has no weight ${name}`);
	return tensor;
}
