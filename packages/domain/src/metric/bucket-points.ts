import { type BucketRange, bucketIndex } from './bucket-index.js';
import type { MetricBucketSeries } from './metric.js';

export type BucketedPoints = Omit<MetricBucketSeries, 'runId' | 'key'>;
type NonFinite = BucketedPoints['nonFinite'][number];

/**
 * Minimum, maximum and mean of each bucket, so that no spike is lost. Values that are no finite numbers are counted and
 * named apart (the first of each kind in each bucket) and enter no bucket. `x` are steps or another axis; the points
 * may come in any order, and the same points give the same bytes.
 */
export function bucketPoints(x: Float64Array, values: Float64Array, range: BucketRange): BucketedPoints {
	const index = bucketIndex([x], range);
	const first = new Float64Array(index.count).fill(Number.POSITIVE_INFINITY);
	const min = new Float64Array(index.count).fill(Number.POSITIVE_INFINITY);
	const max = new Float64Array(index.count).fill(Number.NEGATIVE_INFINITY);
	const mean = new Float64Array(index.count);
	const finite = new Uint32Array(index.count);
	const nonFinite = new Map<string, NonFinite>();
	let points = 0;
	for (let i = 0; i < x.length; i++) {
		const position = x[i] as number;
		const value = values[i] as number;
		const bucket = index.of(position);
		if (bucket < 0) continue;
		points++;
		if (!Number.isFinite(value)) {
			keepFirst(nonFinite, bucket, position, value);
			continue;
		}
		const count = (finite[bucket] as number) + 1;
		finite[bucket] = count;
		first[bucket] = Math.min(first[bucket] as number, position);
		min[bucket] = Math.min(min[bucket] as number, value);
		max[bucket] = Math.max(max[bucket] as number, value);
		// As a running mean in two divisions, so that huge values of both signs do not overflow.
		mean[bucket] = (mean[bucket] as number) * ((count - 1) / count) + value / count;
	}
	const filled = [...finite.keys()].filter((bucket) => (finite[bucket] as number) > 0);
	const pick = (from: Float64Array) => Float64Array.from(filled, (bucket) => from[bucket] as number);
	return {
		points,
		steps: pick(first),
		min: pick(min),
		max: pick(max),
		mean: Float64Array.from(filled, (bucket) =>
			Math.min(max[bucket] as number, Math.max(min[bucket] as number, mean[bucket] as number)),
		),
		nonFinite: [...nonFinite.values()].sort((a, b) => a.step - b.step || (a.value < b.value ? -1 : 1)),
	};
}

/** The lowest x of each kind in each bucket: bounds the list for a series that is NaN throughout. */
function keepFirst(kept: Map<string, NonFinite>, bucket: number, step: number, value: number): void {
	const name = String(value) as NonFinite['value'];
	const key = `${bucket} ${name}`;
	const known = kept.get(key);
	if (known === undefined || step < known.step) kept.set(key, { step, value: name });
}
