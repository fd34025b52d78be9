import * as tf from '@tensorflow/tfjs-core';
import type { FloatTensor } from '../safetensors/index.js';
import type { HostWeights } from './initial-weights.js';

/** Weights on the device. A tensor in it is never changed, but replaced. */
export type DeviceWeights = Map<string, tf.Tensor>;

export function toDevice(weights: HostWeights): DeviceWeights {
	const entries = [...weights].map(
		([name, { shape, values }]) => [name, tf.keep(tf.tensor(values, [...shape], 'float32'))] as const,
	);
	return new Map(entries);
}

export function replaceWeight(weights: DeviceWeights, name: string, value: tf.Tensor): void {
	weights.get(name)?.dispose();
	weights.set(name, tf.keep(value));
}

export async function toHost(weights: DeviceWeights): Promise<HostWeights> {
	const host = new Map<string, FloatTensor>();
	for (const [name, tensor] of weights) {
		host.set(name, { shape: tensor.shape, values: Float32Array.from(await tensor.data()) });
	}
	return host;
}

export function disposeWeights(weights: DeviceWeights): void {
	for (const tensor of weights.values()) tensor.dispose();
	weights.clear();
}
