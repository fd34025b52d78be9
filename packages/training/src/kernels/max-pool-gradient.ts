import * as tf from '@tensorflow/tfjs-core';
import { shape4D } from './conv2d-gradient-geometry.js';

/** Attributes that tfjs-core hands to the gradient kernel of a max-pool. */
export interface MaxPoolGradientAttributes {
	readonly filterSize: [number, number] | number;
	readonly strides: [number, number] | number;
	readonly pad: 'valid' | 'same' | number;
	readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Gradient of a max-pool, as a loop over the cells: each window's gradient goes to its first largest cell. The stock
 * kernel starts from 0 instead of -Infinity: in a window without a positive number the first cell gets it all.
 */
export function maxPoolGradient(
	dy: tf.Tensor4D,
	x: tf.Tensor4D,
	{ filterSize, strides, pad, dimRoundingMode }: MaxPoolGradientAttributes,
): tf.Tensor4D {
	const info = tf.backend_util.computePool2DInfo(shape4D(x), filterSize, strides, 1, pad, dimRoundingMode);
	const { inHeight, inWidth, outHeight, outWidth, inChannels: channels } = info;
	const values = x.dataSync<'float32'>();
	const slopes = dy.dataSync<'float32'>();
	const gradient = new Float32Array(values.length);
	let out = 0;
	for (let image = 0; image < info.batchSize; image++) {
		for (let row = 0; row < outHeight; row++) {
			const top = row * info.strideHeight - info.padInfo.top;
			const bottom = Math.min(inHeight, top + info.effectiveFilterHeight);
			for (let column = 0; column < outWidth; column++) {
				const left = column * info.strideWidth - info.padInfo.left;
				const right = Math.min(inWidth, left + info.effectiveFilterWidth);
				for (let channel = 0; channel < channels; channel++) {
					let largest = Number.NEGATIVE_INFINITY;
					let at = -1;
					for (let y = Math.max(0, top); y < bottom; y++) {
						let cell = ((image * inHeight + y) * inWidth + Math.max(0, left)) * channels + channel;
						for (let column = Math.max(0, left); column < right; column++) {
							const value = values[cell] as number;
							if (value > largest) {
								largest = value;
								at = cell;
							}
							cell += channels;
						}
					}
					if (at >= 0) gradient[at] = (gradient[at] as number) + (slopes[out] as number);
					out++;
				}
			}
		}
	}
	return tf.tensor(gradient, x.shape);
}
