import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';

await tf.setBackend('wasm');
for (const v of [
	[-1, -2, -3, -4],
	[1, 2, 3, 4],
	[0, 0, 0, 0],
	[-1, -2, -3, 4],
]) {
	const input = tf.tensor(v, [1, 2, 2, 1]);
	console.log(
		v,
		tf
			.engine()
			.runKernel(
				'MaxPoolGrad',
				{ dy: tf.ones([1, 1, 1, 1]), input, output: input },
				{ filterSize: 2, strides: 2, pad: 'valid' },
			)
			.dataSync(),
	);
}
const x = tf.randomNormal([32, 8, 8, 32]),
	dy = tf.randomNormal([32, 4, 4, 32]);
for (let k = 0; k < 3; k++) {
	const t = performance.now();
	for (let i = 0; i < 20; i++)
		tf.engine().runKernel('MaxPoolGrad', { dy, input: x, output: dy }, { filterSize: 2, strides: 2, pad: 'valid' });
	console.log((performance.now() - t) / 20, 'stock');
}
const { maxPoolGradient } = await import('../dist/kernels/max-pool-gradient.js');
for (let k = 0; k < 3; k++) {
	const t = performance.now();
	for (let i = 0; i < 20; i++) maxPoolGradient(dy, x, { filterSize: 2, strides: 2, pad: 'valid' });
	console.log((performance.now() - t) / 20, 'ours');
}
