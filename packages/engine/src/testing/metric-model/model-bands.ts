import type { XAxis } from '../../contract/inputs.js';
import type { ModelAxis } from './model-axis.js';
import { largest, smallest } from './model-axis.js';
import { type AxisView, cellsOf, isWithin, widthFor } from './model-buckets.js';
import type { ModelPoint } from './run-record.js';
import { meanOfAll, sdOf, tOf } from './t-interval.js';

/** A run of an experiment, with the points of one series; its axis is null where it says nothing of it. */
export interface BandRun {
	readonly group: string;
	readonly points: readonly ModelPoint[];
	readonly axis: ModelAxis | null;
}
export interface BandView extends AxisView {
	readonly x: XAxis;
	readonly buckets: number;
}

interface Placed {
	readonly group: string;
	/** Each cell of one run with the place of its first point. */
	readonly cells: readonly { readonly at: number; readonly points: readonly ModelPoint[] }[];
}

/**
 * The documented bands of several groups over one axis. Where no run has more points than buckets, its points are placed step by
 * step; else in cells of one width, which over steps are the buckets and over another axis a quarter of one. Distinct places have
 * a bucket each where they are no more than the buckets; else their range is cut into equal widths. Plain means: equal but for rounding.
 */
export function modelBands(all: readonly BandRun[], { x, buckets, ...view }: BandView) {
	const filled = all.flatMap(({ group, points, axis }) => (axis && points.length > 0 ? [{ group, points, axis }] : []));
	const runs = filled.flatMap((run) => {
		const range = run.axis.steps(run.points, view);
		return range === null ? [] : [{ ...run, range }];
	});
	const ends = runs.map(({ points, range }) => {
		const steps = points.map(({ step }) => step);
		return {
			first: Math.max(smallest(steps), range.from ?? 0),
			last: Math.min(largest(steps), range.to ?? Number.POSITIVE_INFINITY),
		};
	});
	const within = ends.filter((end) => end.first <= end.last);
	const [first, last] = [Math.min(...within.map((end) => end.first)), Math.max(...within.map((end) => end.last))];
	if (!(first <= last)) return [];
	const isShort = filled.every(({ points }) => points.length <= buckets);
	const width = isShort ? 1 : widthFor(first, last, x === 'STEP' ? buckets : 4 * buckets);
	const placed = runs.flatMap(({ group, points, axis, range }): readonly Placed[] => {
		const inside = points.filter(({ step }) => isWithin(step, range));
		const cells = [...cellsOf(inside, width).values()].map((cell) => ({
			at: axis.place(cell[0] as ModelPoint),
			points: cell,
		}));
		return inside.length === 0 ? [] : [{ group, cells: cells.filter(({ at }) => isWithin(at, view)) }];
	});
	const bucketOf = x === 'STEP' && !isShort ? (at: number) => Math.floor(at / width) : byPlace(placed, buckets);
	return [...new Set(placed.map(({ group }) => group))].map((group) => {
		const members = placed.filter((run) => run.group === group);
		return { group, runs: members.length, points: bandOf(members, bucketOf) };
	});
}

function byPlace(runs: readonly Placed[], buckets: number): (at: number) => number {
	const places = new Set(runs.flatMap(({ cells }) => cells.map(({ at }) => at)));
	if (places.size <= buckets) return (at) => at;
	const [low, high] = [smallest([...places]), largest([...places])];
	return (at) => Math.min(buckets - 1, Math.floor(((at - low) / (high - low)) * buckets));
}

/** Mean, standard deviation and 95 % interval in each bucket, over the runs that have points in it. */
function bandOf(runs: readonly Placed[], bucketOf: (at: number) => number) {
	const byRun = runs.map(({ cells }) => {
		const buckets = new Map<number, { at: number; points: ModelPoint[] }>();
		for (const { at, points } of cells) {
			const known = buckets.get(bucketOf(at)) ?? { at, points: [] };
			buckets.set(bucketOf(at), { at: Math.min(known.at, at), points: known.points.concat(points) });
		}
		return buckets;
	});
	const buckets = [...new Set(byRun.flatMap((own) => [...own.keys()]))].sort((a, b) => a - b);
	return buckets.map((bucket) => {
		const here = byRun.flatMap((own) => own.get(bucket) ?? []);
		const means = here.map(({ points }) => meanOfAll(points.map(({ value }) => value)));
		const [mean, sd] = [meanOfAll(means), sdOf(means)];
		const half = (tOf(means.length) * sd) / Math.sqrt(means.length);
		return {
			x: smallest(here.map(({ at }) => at)),
			...{ mean, sd, low: mean - half, high: mean + half },
			/** By which rounding is measured. */
			largest: largest(here.flatMap(({ points }) => points.map(({ value }) => Math.abs(value)))),
		};
	});
}
