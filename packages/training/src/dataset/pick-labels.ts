import type { Labels } from './dataset-spec.js';

/**
 * Labels of the kind that they are: indices stay whole, a regression's numbers do not. `size`: numbers an example, more than
 * one where each of its tokens has one.
 */
export function pickLabels(labels: Labels, positions: readonly number[], size = 1): Labels {
	const picked = new (labels instanceof Float32Array ? Float32Array : Int32Array)(positions.length * size);
	positions.forEach((position, index) => {
		for (let at = 0; at < size; at++) picked[index * size + at] = labels[position * size + at] ?? 0;
	});
	return picked;
}

/** Numbers that each of so many examples has in its labels. */
export const labelSize = ({ labels, count }: { readonly labels: Labels; readonly count: number }): number =>
	count === 0 ? 1 : labels.length / count;
