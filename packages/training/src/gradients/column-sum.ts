import * as tf from '@tensorflow/tfjs-core';
import { nativeOperation } from '../kernels/native-operation.js';

/**
 * Sum over all axes but the last, as a product with a row of ones: reductions over leading axes transpose first, which
 * costs more than the sum itself.
 */
export function columnSum(x: tf.Tensor, factor = 1): tf.Tensor1D {
	const columns = x.shape.at(-1) ?? 1;
	const rows = x.size / columns;
	const native = factor === 1 && x.rank > 1 ? nativeOperation() : null;
	if (native !== null) {
		const [sums] = native('BiasAddGrad', { inputs: [x], outputs: 1, settings: { data_format: 'NHWC' } });
		return sums as tf.Tensor1D;
	}
	return tf.reshape(tf.matMul(tf.fill([1, rows], factor), tf.reshape(x, [rows, columns])), [columns]);
}

/** Sums over the axes along which a tensor of `shape` was repeated to give x. */
export function sumTo(x: tf.Tensor, shape: number[]): tf.Tensor {
	if (tf.util.arraysEqual(x.shape, shape)) return x;
	if (shape.length === 1 && shape[0] === x.shape.at(-1)) return columnSum(x);
	return tf.reshape(tf.sum(x, tf.broadcast_util.getReductionAxes(shape, x.shape)), shape);
}
