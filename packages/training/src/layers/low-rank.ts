import type { LayerSpec } from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import * as tf from '@tensorflow/tfjs-core';

/**
 * What a low-rank update of the layer's kernel adds to its output: scale B(A(x)), A in the layer's own windows, B at each
 * position. The product A B is never formed, so that a step costs what the factors cost.
 */
export function lowRankUpdate(layer: LayerSpec, x: tf.Tensor, a: tf.Tensor, b: tf.Tensor, scale: number): tf.Tensor {
	const [rows = 1, rank = 1] = a.shape;
	const columns = b.shape[1] ?? 1;
	if (layer.kind === 'dense') {
		const flat = tf.matMul(tf.matMul(tf.reshape(x, [-1, rows]) as tf.Tensor2D, a as tf.Tensor2D), b as tf.Tensor2D);
		return tf.mul(tf.reshape(flat, [...x.shape.slice(0, -1), columns]), scale);
	}
	if (layer.kind !== 'conv2d') throw new GraftError('BUG', `Layer ${layer.name} has no kernel to update.`);
	const [height, width] =
		typeof layer.kernelSize === 'number' ? [layer.kernelSize, layer.kernelSize] : layer.kernelSize;
	const windows = tf.reshape(a, [height, width, rows / (height * width), rank]) as tf.Tensor4D;
	const inner = tf.conv2d(x as tf.Tensor4D, windows, layer.strides, layer.padding);
	const mixed = tf.matMul(tf.reshape(inner, [-1, rank]) as tf.Tensor2D, b as tf.Tensor2D);
	return tf.mul(tf.reshape(mixed, [...inner.shape.slice(0, -1), columns]), scale);
}
