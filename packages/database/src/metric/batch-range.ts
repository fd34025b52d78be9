import type { MetricPoints } from '@graft/domain/metric';
import type { KeyedPoints } from './batch-codec.js';
import { betweenSteps, joinPoints } from './join-points.js';

/** Batch `sequence` of attempt `attempt`; (0, 0) is before the first. */
export interface BatchPosition {
	readonly attempt: number;
	readonly sequence: number;
}
export interface BatchRange {
	/** The last batch that was read. */
	readonly upTo: BatchPosition;
	/**
	 * Every series of the range, sorted by key. Points that a later attempt has superseded are left out, so that a series
	 * may be empty.
	 */
	readonly series: readonly KeyedPoints[];
}

/** Points of one read, about; a batch is never cut. */
export const POINTS_PER_READ = 50_000;

/** Parts in order of arrival become series, sorted by key. */
export function seriesOf(parts: readonly KeyedPoints[], keepTo: number | null): BatchRange['series'] {
	const byKey = new Map<string, MetricPoints[]>();
	for (const { key, ...points } of parts) {
		const kept = betweenSteps(points, 0, keepTo ?? Number.POSITIVE_INFINITY);
		const known = byKey.get(key);
		if (known === undefined) byKey.set(key, [kept]);
		else known.push(kept);
	}
	const keys = [...byKey.keys()].sort();
	return keys.map((key) => ({ key, ...joinPoints(byKey.get(key) ?? []) }));
}
