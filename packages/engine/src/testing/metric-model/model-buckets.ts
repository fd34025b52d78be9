import type { ModelAxis } from './model-axis.js';
import type { ModelPoint } from './run-record.js';

/** A range of an axis, or of steps; null: from the beginning, to the end. */
export interface AxisView {
	readonly from: number | null;
	readonly to: number | null;
}
export const WHOLE: AxisView = { from: null, to: null };

export const isWithin = (at: number, { from, to }: AxisView): boolean =>
	at >= (from ?? Number.NEGATIVE_INFINITY) && at <= (to ?? Number.POSITIVE_INFINITY);

/**
 * Minimum, maximum and mean of each cell of the width that the documented rule gives, for the part of the axis that is looked at;
 * a cell is at the place of its first point. Null: no point lies there.
 */
export function modelBuckets(points: readonly ModelPoint[], buckets: number, axis: ModelAxis, view: AxisView) {
	const range = axis.steps(points, view);
	const inside = range === null ? [] : points.filter(({ step }) => isWithin(step, range));
	if (range === null || inside.length === 0) return null;
	const width = widthOf(inside, buckets, range);
	const cells = [...cellsOf(inside, width).values()].filter(([first]) =>
		isWithin(axis.place(first as ModelPoint), view),
	);
	const values = cells.map((cell) => cell.map(({ value }) => value));
	const [min, max] = [
		values.map((list) => list.reduce((a, b) => Math.min(a, b))),
		values.map((list) => list.reduce((a, b) => Math.max(a, b))),
	];
	return {
		points: inside.length,
		steps: cells.map(([first]) => axis.place(first as ModelPoint)),
		min,
		max,
		// Rounding may carry a mean past the values that it is the mean of.
		mean: cells.map((cell, at) => Math.min(max[at] as number, Math.max(min[at] as number, meanOf(cell, width).mean))),
		nonFinite: firstOfEachKind(inside, width)
			.map((point) => ({ step: axis.place(point), value: String(point.value) }))
			.filter(({ step }) => isWithin(step, view))
			.sort((a, b) => a.step - b.step || (a.value < b.value ? -1 : 1)),
	};
}

/** Single steps where there are no more points than buckets; else the power of two of steps that gives no more cells than that. */
export function widthOf(points: readonly ModelPoint[], buckets: number, { from, to }: AxisView): number {
	if (points.length <= buckets) return 1;
	const steps = points.map(({ step }) => step);
	return widthFor(
		from ?? steps.reduce((a, b) => Math.min(a, b)),
		to ?? steps.reduce((a, b) => Math.max(a, b)),
		buckets,
	);
}

/** The smallest power of two of steps of which `first` to `last` lie in at most `buckets`. */
export function widthFor(first: number, last: number, buckets: number): number {
	let width = 1;
	while (Math.floor(last / width) - Math.floor(first / width) + 1 > buckets) width *= 2;
	return width;
}

/** Finite points by cell, in order of steps; of equal steps, of arrival. */
export function cellsOf(points: readonly ModelPoint[], width: number): ReadonlyMap<number, readonly ModelPoint[]> {
	const cells = new Map<number, ModelPoint[]>();
	const finite = points.filter(({ value }) => Number.isFinite(value));
	for (const point of finite.toSorted((a, b) => a.step - b.step)) {
		const cell = Math.floor(point.step / width);
		const known = cells.get(cell);
		if (known === undefined) cells.set(cell, [point]);
		else known.push(point);
	}
	return cells;
}

/** The first NaN, and the first of each infinity, of each cell. */
function firstOfEachKind(points: readonly ModelPoint[], width: number): readonly ModelPoint[] {
	const first = new Map<string, ModelPoint>();
	const odd = points.filter(({ value }) => !Number.isFinite(value));
	for (const point of odd.toSorted((a, b) => a.step - b.step)) {
		const kind = `${Math.floor(point.step / width)} ${point.value}`;
		if (!first.has(kind)) first.set(kind, point);
	}
	return [...first.values()];
}

/** The mean of a cell by the halves of its steps, down to single steps, where it is in order of arrival. */
function meanOf(points: readonly ModelPoint[], width: number): { mean: number; count: number } {
	if (width === 1) {
		let [mean, count] = [0, 0];
		for (const { value } of points) {
			count += 1;
			mean = count === 1 ? value : mean * ((count - 1) / count) + value / count;
		}
		return { mean, count };
	}
	const half = width / 2;
	const isLeft = ({ step }: ModelPoint) => Math.floor(step / half) % 2 === 0;
	const [left, right] = [points.filter(isLeft), points.filter((point) => !isLeft(point))];
	if (left.length === 0) return meanOf(right, half);
	if (right.length === 0) return meanOf(left, half);
	const [a, b] = [meanOf(left, half), meanOf(right, half)];
	const count = a.count + b.count;
	return { mean: a.mean * (a.count / count) + b.mean * (b.count / count), count };
}
