import { countPoints } from '@graft/database/metric';
import { findRunsOfExperiment } from '@graft/database/run';
import { type InvalidInput, invalidInput } from '@graft/domain/error';
import { canonicalJson, type Json, type JsonObject } from '@graft/domain/json';
import { bandOverRuns } from '@graft/domain/metric';
import { RUN_STATUSES, type Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import type { MetricBand, MetricBandsQuery } from '../contract/inputs.js';
import { readOnAxis } from './axis.js';
import { MAX_POINTS, refuseBuckets } from './metric-series.js';

/** Mean and 95 % interval over the runs of each group, in the order in which the groups were launched. */
export async function metricBands(
	context: Context,
	{ experimentId, key, groupBy, buckets, x }: MetricBandsQuery,
): Promise<readonly MetricBand[] | InvalidInput> {
	const refused = refuseBuckets(buckets) ?? refuseGroupBy(groupBy);
	if (refused !== null) return refused;
	if (!isId(experimentId) || key.includes('\0')) return [];
	const runs = await findRunsOfExperiment(context.database, experimentId, RUN_STATUSES);
	const runIds = runs.map(({ id }) => id);
	if ((await countPoints(context.database, runIds, [key])) > MAX_POINTS)
		return invalidInput('key', `The series of ${key} have more than ${MAX_POINTS} points in this experiment.`);
	const series = new Map((await readOnAxis(context, runIds, [key], x)).map((points) => [points.runId, points]));
	const groups = new Map<string, { group: JsonObject; members: { x: Float64Array; values: Float64Array }[] }>();
	for (const run of runs) {
		const points = series.get(run.id);
		if (points === undefined) continue;
		const group = Object.fromEntries(groupBy.map((field) => [field, fieldOf(run, field)]));
		const id = canonicalJson(group);
		const known = groups.get(id) ?? { group, members: [] };
		groups.set(id, known);
		known.members.push(points);
	}
	return [...groups.values()].map(({ group, members }) => ({
		group,
		runs: members.length,
		...bandOverRuns(members, { buckets, from: null, to: null }),
	}));
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
