import { studentTQuantile } from '../statistics/index.js';
import type { BucketIndex } from './bucket-index.js';

export interface MetricBandPoints {
	readonly x: Float64Array;
	readonly mean: Float64Array;
	/** NaN, as low and high, where fewer than two runs have a point. */
	readonly sd: Float64Array;
	/** 95 % t interval of the mean over runs. */
	readonly low: Float64Array;
	readonly high: Float64Array;
}

/** A run's points, or the means of its cells with the points that each stands for. */
export interface BandMember {
	readonly x: Float64Array;
	readonly values: Float64Array;
	readonly counts?: Float64Array;
}

/**
 * The mean over runs at aligned x, with its 95 % t interval. A run counts once in each bucket, with the mean of its
 * points there; values that are no finite numbers are left out.
 */
export function bandOverRuns(runs: readonly BandMember[], index: BucketIndex): MetricBandPoints {
	const first = new Float64Array(index.count).fill(Number.POSITIVE_INFINITY);
	const n = new Uint32Array(index.count);
	// Welford's way: the sum of squares alone would lose all digits of a small spread around a large mean.
	const mean = new Float64Array(index.count);
	const squares = new Float64Array(index.count);
	for (const run of runs) {
		const own = meansOf(run, index, first);
		for (let bucket = 0; bucket < index.count; bucket++) {
			const value = own[bucket] as number;
			if (Number.isNaN(value)) continue;
			const runsHere = (n[bucket] as number) + 1;
			const delta = value - (mean[bucket] as number);
			n[bucket] = runsHere;
			// Of two huge values of other signs the difference is beyond every double, the mean is not.
			mean[bucket] = Number.isFinite(delta)
				? (mean[bucket] as number) + delta / runsHere
				: (mean[bucket] as number) * ((runsHere - 1) / runsHere) + value / runsHere;
			squares[bucket] = (squares[bucket] as number) + delta * (value - (mean[bucket] as number));
		}
	}
	const filled = [...n.keys()].filter((bucket) => (n[bucket] as number) > 0);
	const pick = (list: Float64Array) => Float64Array.from(filled, (bucket) => list[bucket] as number);
	const sd = Float64Array.from(filled, (bucket) => {
		const runsHere = n[bucket] as number;
		return runsHere < 2 ? Number.NaN : Math.sqrt((squares[bucket] as number) / (runsHere - 1));
	});
	const half = sd.map((value, at) => standardErrors(n[filled[at] as number] as number) * value);
	const means = pick(mean);
	return {
		x: pick(first),
		mean: means,
		sd,
		low: means.map((value, at) => value - (half[at] as number)),
		high: means.map((value, at) => value + (half[at] as number)),
	};
}

/** The run's mean in each bucket, NaN where it has no point; moves `first` to its first x. */
function meansOf({ x, values, counts }: BandMember, index: BucketIndex, first: Float64Array): Float64Array {
	const means = new Float64Array(index.count);
	const points = new Float64Array(index.count);
	for (let at = 0; at < x.length; at++) {
		const position = x[at] as number;
		const value = values[at] as number;
		const bucket = index.of(position);
		if (bucket < 0 || !Number.isFinite(value)) continue;
		const weight = counts === undefined ? 1 : (counts[at] as number);
		const known = points[bucket] as number;
		const total = known + weight;
		first[bucket] = Math.min(first[bucket] as number, position);
		means[bucket] = (means[bucket] as number) * (known / total) + value * (weight / total);
		points[bucket] = total;
	}
	for (let bucket = 0; bucket < index.count; bucket++) if (points[bucket] === 0) means[bucket] = Number.NaN;
	return means;
}

/** Half the 95 % interval in standard deviations; kept, because a quantile takes longer than all the rest of a bucket. */
function standardErrors(n: number): number {
	if (n < 2) return Number.NaN;
	const known = halfWidths.get(n) ?? studentTQuantile(0.975, n - 1) / Math.sqrt(n);
	halfWidths.set(n, known);
	return known;
}
const halfWidths = new Map<number, number>();
