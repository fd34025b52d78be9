import * as tf from '@tensorflow/tfjs-core';

type SaveTensors = (tensors: tf.Tensor[]) => void;

/** x Phi(x) (Hendrycks and Gimpel 2016), exactly or by their approximation with tanh (GPT-2). One operation, for speed. */
export function gelu(x: tf.Tensor, approximation: 'none' | 'tanh'): tf.Tensor {
	const operation = tf.customGrad((input, save) => {
		(save as SaveTensors)([input as tf.Tensor]);
		const value = tf.mul(input as tf.Tensor, share(input as tf.Tensor, approximation));
		const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, slope(saved as tf.Tensor, approximation));
		return { value, gradFunc };
	});
	return operation(x);
}

const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

const share = (x: tf.Tensor, approximation: 'none' | 'tanh'): tf.Tensor =>
	approximation === 'none'
		? tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)
		: tf.mul(tf.add(tf.tanh(bend(x)), 1), 0.5);

const bend = (x: tf.Tensor): tf.Tensor => tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), CUBIC)), ROOT);

/** Phi(x) + x phi(x), and the same of the approximation. */
function slope(x: tf.Tensor, approximation: 'none' | 'tanh'): tf.Tensor {
	if (approximation === 'none') {
		const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
		return tf.add(share(x, approximation), tf.mul(x, density));
	}
	const bent = tf.tanh(bend(x));
	const steepness = tf.mul(tf.sub(1, tf.square(bent)), tf.mul(tf.add(tf.mul(tf.square(x), 3 * CUBIC), 1), ROOT / 2));
	return tf.add(share(x, approximation), tf.mul(x, steepness));
}
