import { mean, sampleSd, studentTQuantile } from '../statistics/index.js';
import { type BucketRange, bucketIndex } from './bucket-index.js';

export interface MetricBandPoints {
	readonly x: Float64Array;
	readonly mean: Float64Array;
	/** NaN, as low and high, where fewer than two runs have a point. */
	readonly sd: Float64Array;
	/** 95 % t interval of the mean over runs. */
	readonly low: Float64Array;
	readonly high: Float64Array;
}

/**
 * The mean over runs at aligned x, with its 95 % t interval. A run counts once in each bucket, with the mean of its
 * points there; values that are no finite numbers are left out. Runs that log at the same steps are aligned exactly while
 * there are not more steps than buckets.
 */
export function bandOverRuns(
	runs: readonly { readonly x: Float64Array; readonly values: Float64Array }[],
	range: BucketRange,
): MetricBandPoints {
	const index = bucketIndex(
		runs.map((run) => run.x),
		range,
	);
	const first = new Float64Array(index.count).fill(Number.POSITIVE_INFINITY);
	const perBucket: number[][] = Array.from({ length: index.count }, () => []);
	for (const run of runs) {
		const sums = new Map<number, { sum: number; count: number }>();
		run.x.forEach((position, i) => {
			const bucket = index.of(position);
			const value = run.values[i] as number;
			if (bucket < 0 || !Number.isFinite(value)) return;
			first[bucket] = Math.min(first[bucket] as number, position);
			const so = sums.get(bucket) ?? { sum: 0, count: 0 };
			sums.set(bucket, { sum: so.sum + value, count: so.count + 1 });
		});
		for (const [bucket, { sum, count }] of sums) perBucket[bucket]?.push(sum / count);
	}
	const filled = perBucket.flatMap((values, bucket) =>
		values.length > 0 ? [{ values, x: first[bucket] as number }] : [],
	);
	const means = Float64Array.from(filled, ({ values }) => mean(values));
	const sds = Float64Array.from(filled, ({ values }) => sampleSd(values) ?? Number.NaN);
	const halves = filled.map(({ values }, i) => standardErrors(values.length) * (sds[i] as number));
	return {
		x: Float64Array.from(filled, ({ x }) => x),
		mean: means,
		sd: sds,
		low: means.map((value, i) => value - (halves[i] as number)),
		high: means.map((value, i) => value + (halves[i] as number)),
	};
}

/** Half the 95 % interval in standard deviations; kept, because a quantile takes longer than all the rest of a bucket. */
function standardErrors(n: number): number {
	if (n < 2) return Number.NaN;
	const known = halfWidths.get(n) ?? studentTQuantile(0.975, n - 1) / Math.sqrt(n);
	halfWidths.set(n, known);
	return known;
}
const halfWidths = new Map<number, number>();
