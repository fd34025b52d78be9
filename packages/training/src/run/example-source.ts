import * as tf from '@tensorflow/tfjs-core';
import type { Examples, Labels } from '../dataset/index.js';

/** Examples in main memory: a data set's inputs, or a trunk's activations of them. */
export interface ExampleSource {
	readonly count: number;
	/** Shape of one example. */
	readonly shape: readonly number[];
	readonly values: Float32Array;
	readonly labels: Labels;
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
	// Of the kind that it is: indices stay whole, a regression's numbers do not.
	const labels = new (source.labels instanceof Float32Array ? Float32Array : Int32Array)(positions.length);
	positions.forEach((position, index) => {
		labels[index] = source.labels[position] ?? 0;
	});
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

/** Both, one after the other; the labels of the second are not known. */
export function joinUnlabelled(source: ExampleSource, unlabelled: ExampleSource): ExampleSource {
	const values = new Float32Array(source.values.length + unlabelled.values.length);
	values.set(source.values);
	values.set(unlabelled.values, source.values.length);
	return { ...source, count: source.count + unlabelled.count, values };
}

export const inputsOf = (source: ExampleSource): tf.Tensor => tf.tensor(source.values, [source.count, ...source.shape]);
