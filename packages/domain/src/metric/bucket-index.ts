/** Assigns positions on the x axis to at most `buckets` buckets; -1 for an x that is outside or is no number. */
export interface BucketIndex {
	readonly count: number;
	readonly of: (x: number) => number;
}

/** Equal widths over [from, to]. */
export function equalWidths(from: number, to: number, buckets: number): BucketIndex {
	const span = to - from;
	return {
		count: buckets,
		of: (x) => {
			if (!(x >= from && x <= to)) return -1;
			return span === 0 ? 0 : Math.min(buckets - 1, Math.floor(((x - from) / span) * buckets));
		},
	};
}

/** One bucket for each of these distinct positions, in ascending order. */
export function onePerPosition(positions: readonly number[]): BucketIndex {
	const index = new Map(positions.map((x, bucket) => [x, bucket]));
	return { count: positions.length, of: (x) => index.get(x) ?? -1 };
}

/**
 * The distinct finite positions in [from, to] get a bucket each while there are not more of them than buckets: a short
 * series is shown as it is. Otherwise the range is cut into equal widths.
 */
export function bucketIndex(series: readonly Float64Array[], { buckets, from, to }: BucketRange): BucketIndex {
	let low = Number.POSITIVE_INFINITY;
	let high = Number.NEGATIVE_INFINITY;
	const distinct = new Set<number>();
	for (const positions of series) {
		for (const x of positions) {
			if (!Number.isFinite(x) || (from !== null && x < from) || (to !== null && x > to)) continue;
			low = Math.min(low, x);
			high = Math.max(high, x);
			if (distinct.size <= buckets) distinct.add(x);
		}
	}
	if (distinct.size <= buckets) return onePerPosition([...distinct].sort((a, b) => a - b));
	return equalWidths(from ?? low, to ?? high, buckets);
}

export interface BucketRange {
	/** Buckets at the most; a whole number from 1. */
	readonly buckets: number;
	/** Null: from the first point. */
	readonly from: number | null;
	/** Null: to the last point. */
	readonly to: number | null;
}
