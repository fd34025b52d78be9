import type { Cells } from './cells.js';
import type { MetricBucketSeries } from './metric.js';

export type Buckets = Omit<MetricBucketSeries, 'runId' | 'key'>;
/** Where a point is on the x axis, by its step and time. */
export type Axis = (step: number, time: number) => number;

/**
 * A bucket for each cell with a finite value: its first x, minimum, maximum and mean, so that no spike is lost. Values that
 * are no finite numbers enter no bucket and are named apart. Cells whose x is outside of [from, to], or is no number, are
 * left out.
 */
export function bucketCells(cells: Cells, axis: Axis, from: number | null, to: number | null): Buckets {
	const { index, firstStep, firstTime } = cells;
	const inside = (x: number) => Number.isFinite(x) && (from === null || x >= from) && (to === null || x <= to);
	const x = new Float64Array(index.length);
	const kept: number[] = [];
	for (let at = 0; at < index.length; at++) {
		const here = axis(firstStep[at] as number, firstTime[at] as number);
		if (!inside(here)) continue;
		x[kept.length] = here;
		kept.push(at);
	}
	const pick = (list: Float64Array) =>
		kept.length === list.length ? list : Float64Array.from(kept, (at) => list[at] as number);
	const [min, max, mean] = [pick(cells.min), pick(cells.max), pick(cells.mean)];
	return {
		points: cells.points,
		steps: kept.length === x.length ? x : x.slice(0, kept.length),
		min,
		max,
		// Rounding may carry a mean past the values that it is the mean of.
		mean: mean.map((value, at) => Math.min(max[at] as number, Math.max(min[at] as number, value))),
		nonFinite: cells.nonFinite
			.map(({ value, step, time }) => ({ step: axis(step, time), value }))
			.filter(({ step }) => inside(step))
			.sort((a, b) => a.step - b.step || (a.value < b.value ? -1 : 1)),
	};
}
