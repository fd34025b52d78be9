import type { Labels } from './dataset-spec.js';

/** Labels of the kind that they are: indices stay whole, a regression's numbers do not. */
export function pickLabels(labels: Labels, positions: readonly number[]): Labels {
	const picked = new (labels instanceof Float32Array ? Float32Array : Int32Array)(positions.length);
	positions.forEach((position, index) => {
		picked[index] = labels[position] ?? 0;
	});
	return picked;
}
