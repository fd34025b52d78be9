import * as tf from '@tensorflow/tfjs-core';
import { columnSum } from '../gradients/column-sum.js';
import { spreadByStride } from './conv2d-backprop-input.js';
import { type Shape4D, shape4D } from './conv2d-gradient-geometry.js';

/** Attributes that tfjs-core hands to both gradient kernels of a depthwise convolution. */
export interface DepthwiseGradientAttributes {
	readonly strides: [number, number] | number;
	readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
	readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function convolutionOf(inputShape: Shape4D, filterShape: Shape4D, attributes: DepthwiseGradientAttributes) {
	if (filterShape[3] !== 1) throw new Error('no gradient for several depthwise filters a channel');
	const { strides, pad, dimRoundingMode } = attributes;
	return tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, true);
}

/** As that of a whole convolution: dy with zeros between its cells, over the reversed filter, channel by channel. */
export function depthwiseBackpropInput(
	dy: tf.Tensor4D,
	filter: tf.Tensor4D,
	inputShape: Shape4D,
	attributes: DepthwiseGradientAttributes,
): tf.Tensor4D {
	return tf.tidy(() => {
		const info = convolutionOf(inputShape, shape4D(filter), attributes);
		const spread = spreadByStride(dy, info.strideHeight, info.strideWidth);
		const top = info.filterHeight - 1 - info.padInfo.top;
		const left = info.filterWidth - 1 - info.padInfo.left;
		const padded = tf.pad(spread, [
			[0, 0],
			[Math.max(0, top), Math.max(0, info.inHeight + info.filterHeight - 1 - top - spread.shape[1])],
			[Math.max(0, left), Math.max(0, info.inWidth + info.filterWidth - 1 - left - spread.shape[2])],
			[0, 0],
		]);
		return tf.depthwiseConv2d(padded, tf.reverse(filter, [0, 1]), 1, 'valid');
	});
}

/** For each of the filter's few cells: the sum over the places where it met the input, times dy there. */
export function depthwiseBackpropFilter(
	x: tf.Tensor4D,
	dy: tf.Tensor4D,
	filterShape: Shape4D,
	attributes: DepthwiseGradientAttributes,
): tf.Tensor4D {
	return tf.tidy(() => {
		const info = convolutionOf(shape4D(x), filterShape, attributes);
		const { strideHeight, strideWidth, outHeight, outWidth, padInfo, inChannels: channels } = info;
		const rows = (outHeight - 1) * strideHeight + 1;
		const columns = (outWidth - 1) * strideWidth + 1;
		const padded = tf.pad(x, [
			[0, 0],
			[padInfo.top, Math.max(0, rows + info.filterHeight - 1 - padInfo.top - info.inHeight)],
			[padInfo.left, Math.max(0, columns + info.filterWidth - 1 - padInfo.left - info.inWidth)],
			[0, 0],
		]);
		const batch = x.shape[0];
		const sums: tf.Tensor[] = [];
		for (let row = 0; row < info.filterHeight; row++) {
			for (let column = 0; column < info.filterWidth; column++) {
				const from = [0, row, column, 0];
				const to = [batch, row + rows, column + columns, channels];
				const met = tf.stridedSlice(padded, from, to, [1, strideHeight, strideWidth, 1]);
				sums.push(columnSum(tf.mul(met, dy)));
			}
		}
		return tf.reshape(tf.concat(sums), [info.filterHeight, info.filterWidth, channels, 1]);
	});
}
