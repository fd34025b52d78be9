import { fnv1a, mulberry32, shuffle } from '@graft/domain/random';
import * as tf from '@tensorflow/tfjs-core';
import type { Labels } from '../dataset/index.js';

/**
 * Everything that is drawn in a run is a function of the seed and of what it is drawn for, never of what was drawn
 * before: runs with the same seed see the same labels, order and masks whatever their strategy, and a run can go on in
 * the middle.
 */
const drawFor = (...key: (string | number)[]) => mulberry32(fnv1a(key.join('/')));

/** Positions of the labels that training may see: `perClass` of each class, or all. */
export function drawLabelled(labels: Labels, perClass: number | null, seed: number): number[] {
	const all = [...labels.keys()];
	if (perClass === null) return all;
	const classes = [...new Set(labels)].sort((a, b) => a - b);
	return classes.flatMap((label) => {
		const positions = all.filter((position) => labels[position] === label);
		return shuffle(positions, drawFor('labels', seed, label)).slice(0, perClass);
	});
}

/** Order of the examples in one epoch, counted over the whole run. */
export function drawOrder(count: number, seed: number, epoch: number): number[] {
	return shuffle(Array(count).keys(), drawFor('order', seed, epoch));
}

/** Order of the target's examples in one round through them. */
export function drawTargetOrder(count: number, seed: number, round: number): number[] {
	return shuffle(Array(count).keys(), drawFor('target', seed, round));
}

/** 0 with probability `rate`, else 1 / (1 - rate), so that the mean stays. */
export function drawDropoutMask(
	shape: readonly number[],
	rate: number,
	seed: number,
	layer: string,
	step: number,
): tf.Tensor {
	const random = drawFor('dropout', seed, layer, step);
	const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
	const kept = 1 / (1 - rate);
	// A loop, for a Transformer draws tens of millions a step.
	for (let at = 0; at < values.length; at++) values[at] = random() < rate ? 0 : kept;
	return tf.tensor(values, [...shape]);
}
