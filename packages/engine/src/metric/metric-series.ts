import { countPoints } from '@graft/database/metric';
import { type InvalidInput, invalidInput, type TooLarge, tooLarge } from '@graft/domain/error';
import { bucketPoints, type MetricBucketSeries } from '@graft/domain/metric';
import type { Context } from '../context/context.js';
import { onlyIds } from '../context/storable.js';
import type { MetricSeriesQuery } from '../contract/inputs.js';
import { readOnAxis } from './axis.js';

export const MAX_BUCKETS = 10_000;
const MAX_SERIES = 5_000;
/** 24 bytes a point while it is decoded: half a gigabyte. */
export const MAX_POINTS = 20_000_000;

/** Deterministic buckets of each series; series without points are left out. */
export async function metricSeries(
	context: Context,
	{ runIds: given, keys, buckets, from, to, x }: MetricSeriesQuery,
): Promise<readonly MetricBucketSeries[] | InvalidInput | TooLarge> {
	const refused = refuseBuckets(buckets);
	if (refused !== null) return refused;
	if (from !== null && to !== null && !(from <= to)) return invalidInput('to', 'The range ends before it begins.');
	const runIds = onlyIds([...new Set(given)]);
	const wanted = [...new Set(keys)].filter((key) => !key.includes('\0'));
	if (runIds.length * wanted.length > MAX_SERIES)
		return tooLarge(`One query reads ${MAX_SERIES} series at the most: ask for fewer runs or keys.`, MAX_SERIES);
	if ((await countPoints(context.database, runIds, wanted)) > MAX_POINTS)
		return tooLarge(`One query reads ${MAX_POINTS} points at the most: ask for fewer runs or keys.`, MAX_POINTS);
	const series = await readOnAxis(context, runIds, wanted, x);
	return series.map(({ runId, key, ...points }) => ({
		runId,
		key,
		...bucketPoints(points.x, points.values, { buckets, from, to }),
	}));
}

export function refuseBuckets(buckets: number): InvalidInput | null {
	if (Number.isInteger(buckets) && buckets >= 1 && buckets <= MAX_BUCKETS) return null;
	return invalidInput('buckets', `The buckets are a whole number from 1 to ${MAX_BUCKETS}, not ${buckets}.`);
}
