import * as tf from '@tensorflow/tfjs-core';
import type { DeviceWeights } from '../network/device-weights.js';
import { forward } from '../network/forward.js';
import type { NetworkLayer } from '../network/network.js';
import { type ExampleSource, inputsOf, range } from './example-source.js';
import { addScores, NO_SCORE, type Score, scoreLogits } from './score.js';

/** Examples that go through the network at once when nothing is learned: large, for each call has its price. */
export const INFERENCE_BATCH = 256;

/** Outputs of the layers for every example, in order, batch by batch. `pause` runs between batches. */
export async function infer(
	layers: readonly NetworkLayer[],
	weights: DeviceWeights,
	source: ExampleSource,
	pause: () => Promise<void>,
): Promise<Float32Array> {
	const parts: Float32Array[] = [];
	for (let begin = 0; begin < source.count; begin += INFERENCE_BATCH) {
		const batch = range(source, begin, Math.min(source.count, begin + INFERENCE_BATCH));
		const output = tf.tidy(() => forward(layers, weights, inputsOf(batch)));
		parts.push((await output.data()) as Float32Array);
		output.dispose();
		await pause();
	}
	const values = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
	let position = 0;
	for (const part of parts) {
		values.set(part, position);
		position += part.length;
	}
	return values;
}

export async function evaluate(
	layers: readonly NetworkLayer[],
	weights: DeviceWeights,
	source: ExampleSource,
	pause: () => Promise<void>,
): Promise<Score> {
	if (source.count === 0) return NO_SCORE;
	return addScores(NO_SCORE, scoreLogits(await infer(layers, weights, source, pause), source.labels));
}
