import { extentOf, findRunRecords, type RunRecord, readCells } from '@graft/database/metric';
import { findRunsOfExperiment } from '@graft/database/run';
import { type InvalidInput, invalidInput } from '@graft/domain/error';
import { canonicalJson, type Json, type JsonObject } from '@graft/domain/json';
import {
	type BandMember,
	type BucketIndex,
	bandOverRuns,
	bucketIndex,
	levelFor,
	stepCells,
} from '@graft/domain/metric';
import { fnv1aHex64 } from '@graft/domain/random';
import { RUN_STATUSES, type Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import type { MetricBand, MetricBandsQuery } from '../contract/inputs.js';
import { axesOf } from './axis.js';
import { refuseBuckets } from './metric-series.js';
import { stepsBetween } from './steps-between.js';

/** Mean and 95 % interval over the runs of each group, in the order in which the groups were launched. */
export async function metricBands(
	context: Context,
	query: MetricBandsQuery,
): Promise<readonly MetricBand[] | InvalidInput> {
	const { experimentId, key, groupBy } = query;
	const refused = refuseBuckets(query) ?? refuseGroupBy(groupBy);
	if (refused !== null) return refused;
	if (!isId(experimentId) || key.includes('\0')) return [];
	const runs = await findRunsOfExperiment(context.database, experimentId, RUN_STATUSES);
	const records = await findRunRecords(
		context.database,
		runs.map(({ id }) => id),
		[key],
	);
	const id = canonicalJson({ ...query } as unknown as Json);
	const version = fnv1aHex64(runs.map((run) => `${run.id} ${records.get(run.id)?.version}`).join());
	const known = context.bandCache.get(id, version);
	if (known !== undefined) return known;

	const { members, index } = await membersOf(context, runs, records, query);
	const groups = new Map<string, { group: JsonObject; members: BandMember[] }>();
	for (const run of runs) {
		const member = members.get(run.id);
		if (member === undefined) continue;
		const group = Object.fromEntries(groupBy.map((field) => [field, fieldOf(run, field)]));
		const ofGroup = groups.get(canonicalJson(group)) ?? { group, members: [] };
		groups.set(canonicalJson(group), ofGroup);
		ofGroup.members.push(member);
	}
	const bands = [...groups.values()].map(({ group, members: ofGroup }) => ({
		group,
		runs: ofGroup.length,
		...bandOverRuns(ofGroup, index),
	}));
	context.bandCache.set(id, version, bands, bands.reduce((sum, { x }) => sum + 5 * x.length, 0) + 10);
	return bands;
}

/**
 * The runs' points where none has more than there are buckets, so that seeds that log at the same steps are aligned exactly;
 * else cells of the same width in all of them, which are the buckets over steps, and a quarter of one over another axis.
 */
async function membersOf(
	context: Context,
	runs: readonly Run[],
	records: ReadonlyMap<string, RunRecord>,
	{ key, buckets, x, from, to }: MetricBandsQuery,
): Promise<{ members: ReadonlyMap<string, BandMember>; index: BucketIndex }> {
	const axes = await axesOf(context, runs, x);
	const known = new Map(
		runs.flatMap(({ id }) => {
			const extent = extentOf(records.get(id), key);
			return extent === undefined || !axes.has(id) ? [] : [[id, extent]];
		}),
	);
	const series = await stepsBetween(
		context.database,
		[...known.keys()].map((runId) => ({ runId, key })),
		axes,
		{ from, to, attempt: null },
	);
	// Of each run that has steps in the range, the first and the last of them.
	const ends = series
		.map((one) => {
			const { firstStep = 0, lastStep = 0 } = known.get(one.runId) ?? {};
			return [Math.max(firstStep ?? 0, one.from ?? 0), Math.min(lastStep, one.to ?? lastStep)] as const;
		})
		.filter(([low, high]) => low <= high);
	const first = Math.min(...ends.map(([low]) => low));
	const last = Math.max(...ends.map(([, high]) => high));
	if (!(first <= last)) return { members: new Map(), index: bucketIndex([], buckets) };
	const short = [...known.values()].every(({ count }) => count <= buckets);
	const level = short ? 0 : levelFor(first, last, x === 'STEP' ? buckets : 4 * buckets);
	const { cells } = await readCells(context.database, series, { buckets, level, records });
	const members = new Map<string, BandMember>();
	for (const { runId } of series) {
		const ofRun = cells.get(runId)?.get(key);
		const axis = axes.get(runId);
		if (ofRun === undefined || axis === undefined) continue;
		const places = ofRun.firstStep.map((step, at) => axis.of(step, ofRun.firstTime[at] as number));
		members.set(runId, within({ x: places, values: ofRun.mean, counts: ofRun.count }, from, to));
	}
	const cut = !short && x === 'STEP';
	const xs = [...members.values()].map((member) => member.x);
	return { members, index: cut ? stepCells(first, last, level) : bucketIndex(xs, buckets) };
}

/** By time, the cells at the ends of the range reach beyond it. */
function within(member: BandMember, from: number | null, to: number | null): BandMember {
	if (from === null && to === null) return member;
	const [low, high] = [from ?? Number.NEGATIVE_INFINITY, to ?? Number.POSITIVE_INFINITY];
	const isInside = (_: number, at: number) => (member.x[at] as number) >= low && (member.x[at] as number) <= high;
	return {
		x: member.x.filter(isInside),
		values: member.values.filter(isInside),
		counts: member.counts?.filter(isInside),
	};
}

function refuseGroupBy(groupBy: readonly string[]): InvalidInput | null {
	const index = groupBy.findIndex((field) => !/^(strategy|backbone|dataset|config\..+)$/.test(field));
	if (index < 0) return null;
	return invalidInput(
		`groupBy[${index}]`,
		`Runs are grouped by strategy, backbone, dataset or config.<path>, not by ${groupBy[index]}.`,
	);
}

/** The strategy as an object, ids of backbone and dataset, and null where the config has no such value. */
function fieldOf(run: Run, field: string): Json {
	if (field === 'strategy') return run.strategy as unknown as Json;
	if (field === 'backbone') return run.backboneId;
	if (field === 'dataset') return run.datasetId;
	let value: Json = run.config;
	for (const name of field.split('.').slice(1)) {
		if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return null;
		value = (value as JsonObject)[name] ?? null;
	}
	return value;
}
