import * as tf from '@tensorflow/tfjs-core';
import type { DeviceWeights } from '../network/device-weights.js';
import { forward } from '../network/forward.js';
import type { NetworkLayer } from '../network/network.js';
import { readAhead } from '../pipeline/read-ahead.js';
import { batchesAhead, type ExampleSource, inputsOf, pick, sizeOf } from './example-source.js';
import type { Objective } from './objective.js';
import { NO_SCORE, type Score } from './score.js';

/** Examples that go through the network at once when nothing is learned: many, for each call has its price. */
const MOST_AT_ONCE = 256;
/** Bytes of the input, or of one layer's output, for all of them: keeps a call's memory small and its time within the pauses' reach. */
const BYTES_AT_ONCE = 64 * 1024 * 1024;

/**
 * Outputs of the layers for every example, in order, batch by batch, or what `judged` makes of them. `pause` runs between
 * batches. With an epoch the examples are as training sees them in it.
 */
export async function* inferParts(
	layers: readonly NetworkLayer[],
	weights: DeviceWeights,
	source: ExampleSource,
	pause: () => Promise<void>,
	epoch: number | null = null,
	judged: Objective['judged'] = (outputs) => outputs,
): AsyncGenerator<Float32Array, void, undefined> {
	const atOnce = examplesAtOnce(layers, source.shape);
	const read = (index: number) => {
		const begin = index * atOnce;
		const count = Math.min(atOnce, source.count - begin);
		return pick(
			source,
			Array.from({ length: count }, (_, at) => begin + at),
			epoch,
		);
	};
	const batches = Math.ceil(source.count / atOnce);
	for await (const batch of readAhead(batches, batchesAhead(source, atOnce), read)) {
		const output = tf.tidy(() => judged(forward(layers, weights, inputsOf(batch)), batch.labels));
		const values = (await output.data()) as Float32Array;
		output.dispose();
		yield values;
		await pause();
	}
}

/** The same, all together. */
export async function infer(...what: Parameters<typeof inferParts>): Promise<Float32Array> {
	const [layers, , { count, shape }] = what;
	const inOne = Math.min(count, examplesAtOnce(layers, shape));
	let values: Float32Array | null = null;
	let position = 0;
	for await (const part of inferParts(...what)) {
		values ??= new Float32Array((part.length / inOne) * count);
		values.set(part, position);
		position += part.length;
	}
	return values ?? new Float32Array();
}

export async function evaluate(
	layers: readonly NetworkLayer[],
	weights: DeviceWeights,
	source: ExampleSource,
	objective: Objective,
	pause: () => Promise<void>,
): Promise<Score> {
	if (source.count === 0) return NO_SCORE;
	return objective.scoreLabels(await infer(layers, weights, source, pause, null, objective.judged), source.labels);
}

/** So many that the input and the largest layer's output stay within bounds. */
export function examplesAtOnce(layers: readonly NetworkLayer[], inputShape: readonly number[]): number {
	const sizes = [inputShape, ...layers.map(({ outputShape }) => outputShape)].map((shape) => 4 * sizeOf(shape));
	return Math.min(MOST_AT_ONCE, Math.max(1, Math.floor(BYTES_AT_ONCE / Math.max(...sizes))));
}
