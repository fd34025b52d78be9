import { mulberry32, normal } from '@graft/domain/random';
import * as tf from '@tensorflow/tfjs-core';
import { selectBackend } from '../backend/index.js';
import { useBackend } from './backends-here.js';

/** Makes ready what the tests are for, WebAssembly or another, and the plain JavaScript back end beside it. */
export async function beginComparison(): Promise<(call: () => tf.Tensor) => Promise<[Float32Array, Float32Array]>> {
	await selectBackend('cpu');
	const tested = await useBackend();
	const names = [tested === 'tensorflow-gpu' ? 'tensorflow' : tested, 'cpu'];
	return async (call) => {
		const results: Float32Array[] = [];
		for (const backend of names) {
			await tf.setBackend(backend);
			const result = tf.tidy(call);
			results.push(Float32Array.from(await result.data()));
			result.dispose();
		}
		return results as [Float32Array, Float32Array];
	};
}

/** Draws from the normal distribution. */
export function randomTensor(shape: readonly number[], seed: number): tf.Tensor {
	const next = mulberry32(seed);
	return tf.tensor(
		Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => normal(next)),
		[...shape],
	);
}
