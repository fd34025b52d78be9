import { findRunRecords, type RunRecord, readCells } from '@graft/database/metric';
import { type InvalidInput, invalidInput, type TooLarge, tooLarge } from '@graft/domain/error';
import { bucketCells, type MetricBucketSeries } from '@graft/domain/metric';
import type { Context } from '../context/context.js';
import { onlyIds } from '../context/storable.js';
import type { MetricSeriesQuery } from '../contract/inputs.js';
import { axesOfIds } from './axis.js';
import { type Series, stepsBetween } from './steps-between.js';

export const MAX_BUCKETS = 10_000;
const MAX_SERIES = 5_000;
/** Series that are read at once: bounds the memory, since each may have some 20,000 points that are not summed up yet. */
const SERIES_AT_ONCE = 64;

/**
 * Deterministic buckets of each series; series without points, and runs that know nothing of the axis or have no such attempt, are
 * left out.
 */
export async function metricSeries(
	context: Context,
	query: MetricSeriesQuery,
): Promise<readonly MetricBucketSeries[] | InvalidInput | TooLarge> {
	const { runIds: given, keys, buckets, from, to, x, attempt = null } = query;
	const refused = refuseBuckets(query) ?? refuseAttempt(attempt);
	if (refused !== null) return refused;
	const runIds = onlyIds([...new Set(given)]);
	const wanted = [...new Set(keys)].filter((key) => !key.includes('\0'));
	if (runIds.length * wanted.length > MAX_SERIES)
		return tooLarge(`One query reads ${MAX_SERIES} series at the most: ask for fewer runs or keys.`, MAX_SERIES);

	const cache = context.bucketCache;
	const idOf = ({ runId, key }: Series) => `${runId} ${attempt} ${buckets} ${x} ${from} ${to} ${key}`;
	const all = runIds.flatMap((runId) => wanted.map((key) => ({ runId, key })));
	// What was known of the runs a moment ago spares a question where no kept answer has to be compared with what is known now. Not for
	// an axis that is read from a metric of its own: the answer would be older than the version that it is kept under.
	const isNew = x === 'STEP' && attempt === null && !all.some((one) => cache.has(idOf(one)));
	const recalled = isNew ? context.recordMemory.recall(runIds, wanted) : null;
	const records = recalled ?? (await findRunRecords(context.database, runIds, wanted));
	if (recalled === null) context.recordMemory.remember(records, wanted);
	const known = new Map<string, MetricBucketSeries | null>();
	const missing: Series[] = [];
	for (const series of all) {
		const hit = cache.get(idOf(series), records.get(series.runId)?.version ?? '');
		if (hit === undefined) missing.push(series);
		else known.set(idOf(series), hit);
	}
	if (missing.length > 0) {
		const { found, versions } = await readBuckets(context, query, records, missing);
		for (const series of missing) {
			const value = found.get(`${series.runId} ${series.key}`) ?? null;
			known.set(idOf(series), value);
			const version = recalled === null ? records.get(series.runId)?.version : versions.get(series.runId);
			cache.set(idOf(series), version ?? '', value, 4 * (value?.steps.length ?? 0) + 10);
		}
	}
	return all.flatMap((series) => known.get(idOf(series)) ?? []);
}

async function readBuckets(
	context: Context,
	{ buckets, from, to, x, attempt = null }: MetricSeriesQuery,
	records: ReadonlyMap<string, RunRecord>,
	wanted: readonly Series[],
): Promise<{ found: ReadonlyMap<string, MetricBucketSeries>; versions: ReadonlyMap<string, string> }> {
	const runIds = [...new Set(wanted.map(({ runId }) => runId))].filter(
		(runId) => attempt === null || records.get(runId)?.attempts.some(({ number }) => number === attempt),
	);
	const axes = await axesOfIds(context, runIds, x, attempt);
	const known = wanted.filter(({ runId }) => axes.has(runId));
	const found = new Map<string, MetricBucketSeries>();
	const versions = new Map<string, string>();
	for (let at = 0; at < known.length; at += SERIES_AT_ONCE) {
		const some = known.slice(at, at + SERIES_AT_ONCE);
		const series = await stepsBetween(context.database, some, axes, { from, to, attempt });
		const read = await readCells(context.database, series, { buckets, level: null, attempt, records });
		for (const { runId, key } of series) {
			const ofSeries = read.cells.get(runId)?.get(key);
			const axis = axes.get(runId);
			if (ofSeries !== undefined && axis !== undefined)
				found.set(`${runId} ${key}`, { runId, key, ...bucketCells(ofSeries, axis.of, from, to) });
		}
		// Of a run in two parts the earlier version: what is newer is then read again, and nothing old is kept for new.
		for (const [runId, version] of read.versions) if (!versions.has(runId)) versions.set(runId, version);
	}
	return { found, versions };
}

function refuseAttempt(attempt: number | null): InvalidInput | null {
	if (attempt === null || (Number.isInteger(attempt) && attempt >= 1)) return null;
	return invalidInput('attempt', `Attempts are counted from 1, so there is none of number ${attempt}.`);
}

export function refuseBuckets({
	buckets,
	from,
	to,
}: Pick<MetricSeriesQuery, 'buckets' | 'from' | 'to'>): InvalidInput | null {
	if (!(Number.isInteger(buckets) && buckets >= 1 && buckets <= MAX_BUCKETS))
		return invalidInput('buckets', `The buckets are a whole number from 1 to ${MAX_BUCKETS}, not ${buckets}.`);
	if (from !== null && to !== null && !(from <= to)) return invalidInput('to', 'The range ends before it begins.');
	return null;
}
