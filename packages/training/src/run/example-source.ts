import * as tf from '@tensorflow/tfjs-core';
import type { Examples } from '../dataset/index.js';

/** Examples in main memory: a data set's inputs, or a trunk's activations of them. */
export interface ExampleSource {
	readonly count: number;
	/** Shape of one example. */
	readonly shape: readonly number[];
	readonly values: Float32Array;
	/** Index of the class. */
	readonly labels: Int32Array;
}

export function sourceOf(examples: Examples, shape: readonly number[]): ExampleSource {
	return { count: examples.count, shape, values: examples.inputs, labels: examples.labels };
}

/** The examples at these positions, in this order. */
export function pick(source: ExampleSource, positions: readonly number[]): ExampleSource {
	const size = source.shape.reduce((product, one) => product * one, 1);
	const values = new Float32Array(positions.length * size);
	positions.forEach((position, index) => {
		values.set(source.values.subarray(position * size, (position + 1) * size), index * size);
	});
	const labels = Int32Array.from(positions, (position) => source.labels[position] ?? 0);
	return { count: positions.length, shape: source.shape, values, labels };
}

/** Neighbouring examples without a copy. */
export function range(source: ExampleSource, begin: number, end: number): ExampleSource {
	const size = source.shape.reduce((product, one) => product * one, 1);
	return {
		count: end - begin,
		shape: source.shape,
		values: source.values.subarray(begin * size, end * size),
		labels: source.labels.subarray(begin, end),
	};
}

export const inputsOf = (source: ExampleSource): tf.Tensor => tf.tensor(source.values, [source.count, ...source.shape]);

/** One row an example: 1 at its class. */
export function targetsOf(source: ExampleSource, classes: number): tf.Tensor {
	const rows = new Float32Array(source.count * classes);
	source.labels.forEach((label, row) => {
		rows[row * classes + label] = 1;
	});
	return tf.tensor(rows, [source.count, classes]);
}
