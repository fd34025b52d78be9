import * as tf from '@tensorflow/tfjs-core';

type SaveTensors = (tensors: tf.Tensor[]) => void;

/** x Phi(x) (Hendrycks and Gimpel 2016), exactly or by their approximation with tanh (GPT-2). One operation, for speed. */
export function gelu(x: tf.Tensor, approximation: 'none' | 'tanh'): tf.Tensor {
	const operation = tf.customGrad((input, save) => {
		const part = share(input as tf.Tensor, approximation);
		(save as SaveTensors)([input as tf.Tensor, part]);
		const value = tf.mul(input as tf.Tensor, part);
		const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
			const [read, known] = saved as [tf.Tensor, tf.Tensor];
			return tf.mul(dy, slope(read, known, approximation));
		};
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

/** Phi(x) + x phi(x), and the same of the approximation, whose share t is (1 + tanh) / 2: its slope by the bend is 2 t (1 - t). */
function slope(x: tf.Tensor, part: tf.Tensor, approximation: 'none' | 'tanh'): tf.Tensor {
	const square = tf.square(x);
	if (approximation === 'none') {
		const density = tf.mul(tf.exp(tf.mul(square, -0.5)), 1 / Math.sqrt(2 * Math.PI));
		return tf.add(part, tf.mul(x, density));
	}
	const bending = tf.mul(tf.add(tf.mul(square, 3 * CUBIC), 1), 2 * ROOT);
	return tf.add(part, tf.mul(x, tf.mul(tf.mul(part, tf.sub(1, part)), bending)));
}
