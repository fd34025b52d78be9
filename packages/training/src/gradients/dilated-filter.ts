import * as tf from '@tensorflow/tfjs-core';
import { spreadByStride } from '../kernels/conv2d-backprop-input.js';
import type { Shape4D } from '../kernels/conv2d-gradient-geometry.js';

/** How far apart, in rows and in columns, the cells lie that a filter looks at. */
export type Dilations = readonly [number, number];

export function dilationsOf(attribute: unknown): Dilations {
	const [rows, columns] = [attribute ?? 1].flat() as number[];
	return [rows ?? 1, columns ?? rows ?? 1];
}

const isPlain = ([rows, columns]: Dilations): boolean => rows === 1 && columns === 1;

/**
 * The filter with zeros between its cells: without dilations it convolves, and is padded, as the given one with them. So
 * the kernels of gradients, which know no dilations, serve those of dilated convolutions, too.
 */
export function spreadFilter(filter: tf.Tensor4D, dilations: Dilations): tf.Tensor4D {
	if (isPlain(dilations)) return filter;
	const [rows, columns, inputs, outputs] = filter.shape;
	const spread = spreadByStride(tf.reshape(filter, [1, rows, columns, inputs * outputs]), ...dilations);
	return tf.reshape(spread, spreadShape(filter.shape, dilations)) as tf.Tensor4D;
}

export const spreadShape = ([rows, columns, inputs, outputs]: Shape4D, [down, across]: Dilations): Shape4D => [
	(rows - 1) * down + 1,
	(columns - 1) * across + 1,
	inputs,
	outputs,
];

/** The spread filter's gradient at the cells that the filter has. */
export function atFilterCells(gradient: tf.Tensor, dilations: Dilations): tf.Tensor {
	if (isPlain(dilations)) return gradient;
	const begin = gradient.shape.map(() => 0);
	return tf.stridedSlice(gradient, begin, gradient.shape, [...dilations, 1, 1]);
}
