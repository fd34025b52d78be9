import * as tf from '@tensorflow/tfjs-core';
import { type Examples, type Labels, labelSize, pickLabels } from '../dataset/index.js';

/** Examples to look at by position: a data set's inputs, in memory or not, or a trunk's activations of them. */
export interface ExampleSource {
	readonly count: number;
	/** Shape of one example. */
	readonly shape: readonly number[];
	readonly labels: Labels;
	/** Batches worth beginning before they are asked for; 0 where the examples lie in memory. */
	readonly ahead: number;
	/** Inputs at these positions, in this order, as training sees them in this epoch of the run; null: as they are. */
	readonly read: (positions: readonly number[], epoch: number | null) => Promise<Float32Array>;
}

/** Examples in main memory, one after the other. */
export interface ExampleBatch {
	readonly count: number;
	readonly shape: readonly number[];
	readonly values: Float32Array;
	readonly labels: Labels;
}

/** Bytes that batches may take that were begun before they are needed. */
const AHEAD_BYTES = 256 * 1024 * 1024;

export function sourceOf({ count, inputs, labels }: Examples, shape: readonly number[]): ExampleSource {
	if (inputs instanceof Float32Array) return memorySource({ count, shape, values: inputs, labels });
	return { count, shape, labels, ahead: inputs.ahead, read: (positions) => inputs.read(positions, null) };
}

export function memorySource({ count, shape, values, labels }: ExampleBatch): ExampleSource {
	const size = sizeOf(shape);
	const read = async (positions: readonly number[]): Promise<Float32Array> => {
		const picked = new Float32Array(positions.length * size);
		positions.forEach((position, index) => {
			picked.set(values.subarray(position * size, (position + 1) * size), index * size);
		});
		return picked;
	};
	return { count, shape, labels, ahead: 0, read };
}

/** The examples at these positions, in this order. */
export async function pick(
	source: ExampleSource,
	positions: readonly number[],
	epoch: number | null = null,
): Promise<ExampleBatch> {
	const values = await source.read(positions, epoch);
	const labels = pickLabels(source.labels, positions, labelSize(source));
	return { count: positions.length, shape: source.shape, values, labels };
}

/** A source that has these rows of another one, in this order. */
export function subset(source: ExampleSource, rows: readonly number[]): ExampleSource {
	return {
		...source,
		count: rows.length,
		labels: pickLabels(source.labels, rows, labelSize(source)),
		read: (positions, epoch) =>
			source.read(
				positions.map((position) => rows[position] ?? 0),
				epoch,
			),
	};
}

/** How many batches of so many examples may be under way at once. */
export function batchesAhead({ ahead, shape }: ExampleSource, examples: number): number {
	const most = Math.floor(AHEAD_BYTES / (4 * examples * sizeOf(shape)));
	return Math.min(ahead, Math.max(1, most));
}

/** The first ones of a batch. */
export const firstOf = (batch: ExampleBatch, count: number): ExampleBatch => ({
	count,
	shape: batch.shape,
	values: batch.values.subarray(0, count * sizeOf(batch.shape)),
	labels: batch.labels.subarray(0, count * labelSize(batch)),
});

/** Both, one after the other; the labels of the second are not known. */
export function joinUnlabelled(batch: ExampleBatch, unlabelled: ExampleBatch): ExampleBatch {
	const values = new Float32Array(batch.values.length + unlabelled.values.length);
	values.set(batch.values);
	values.set(unlabelled.values, batch.values.length);
	return { ...batch, count: batch.count + unlabelled.count, values };
}

export const inputsOf = (batch: ExampleBatch): tf.Tensor => tf.tensor(batch.values, [batch.count, ...batch.shape]);

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, one) => product * one, 1);
