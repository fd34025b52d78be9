import * as tf from '@tensorflow/tfjs-core';

const BACKEND = 'webgpu';
let registered = false;

/** Replaces what the WebGPU back end does wrongly. */
export function registerWebGpuKernels(): void {
	if (registered) return;
	registered = true;
	const stock = tf.getKernel(tf.Cast, BACKEND)?.kernelFunc;
	const multiply = tf.getKernel(tf.Multiply, BACKEND)?.kernelFunc;
	if (stock === undefined || multiply === undefined) return;
	tf.unregisterKernel(tf.Cast, BACKEND);
	tf.registerKernel({
		kernelName: tf.Cast,
		backendName: BACKEND,
		// The stock cast to floats keeps the integers' memory and calls it floats: programs that copy cells, such as the
		// transposition before a sum, do not compile for it. A product has memory of its own.
		kernelFunc: ({ inputs, attrs, backend }) => {
			const x = inputs.x as tf.TensorInfo;
			const isFloat = x.dtype !== 'int32' && x.dtype !== 'bool';
			if (isFloat || attrs?.dtype !== 'float32') return stock({ inputs, attrs, backend });
			const one = tf.scalar(1);
			const product = multiply({ inputs: { a: x, b: one }, backend, attrs: {} });
			one.dispose();
			return product;
		},
	});
}
