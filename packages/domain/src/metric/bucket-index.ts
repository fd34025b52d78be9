import { cellOf } from './cells.js';

/** Assigns positions on the x axis to at most `count` buckets; -1 for an x that is outside or is no number. */
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

/** The cells of 2^level steps that the steps `from` to `to` lie in. */
export function stepCells(from: number, to: number, level: number): BucketIndex {
	const base = cellOf(from, level);
	return {
		count: cellOf(to, level) - base + 1,
		of: (x) => (x >= from && x <= to ? cellOf(x, level) - base : -1),
	};
}

/** One bucket for each of these distinct positions, in ascending order. */
function onePerPosition(positions: readonly number[]): BucketIndex {
	const index = new Map(positions.map((x, bucket) => [x, bucket]));
	return { count: positions.length, of: (x) => index.get(x) ?? -1 };
}

/**
 * The distinct finite positions get a bucket each while there are not more of them than `buckets`: short series are shown
 * as they are. Otherwise their range is cut into equal widths.
 */
export function bucketIndex(series: readonly Float64Array[], buckets: number): BucketIndex {
	let low = Number.POSITIVE_INFINITY;
	let high = Number.NEGATIVE_INFINITY;
	const distinct = new Set<number>();
	for (const positions of series) {
		for (const x of positions) {
			if (!Number.isFinite(x)) continue;
			low = Math.min(low, x);
			high = Math.max(high, x);
			if (distinct.size <= buckets) distinct.add(x);
		}
	}
	if (distinct.size <= buckets) return onePerPosition([...distinct].sort((a, b) => a - b));
	return equalWidths(low, high, buckets);
}
