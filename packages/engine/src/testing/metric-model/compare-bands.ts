import { canonicalJson, type Json } from '@graft/domain/json';
import type { Run } from '@graft/domain/run';
import { expect } from 'vitest';
import { ok } from '../create-test-engine.js';
import type { Look } from './commands.js';
import { axisOf, viewOf } from './compare-series.js';
import { modelBands } from './model-bands.js';
import type { Observed } from './scenario.js';

const GROUPS: readonly (readonly string[])[] = [
	['strategy'],
	['backbone'],
	['config.batchSize'],
	['strategy', 'config.batchSize', 'dataset'],
];

/** Mean and 95 % interval over the runs of each group, over every axis, whole and in part. */
export async function compareBands(
	experimentId: string,
	scenarios: readonly Observed[],
	looks: readonly (Look & { readonly key: string })[],
): Promise<void> {
	const { engine } = scenarios[0] as Observed;
	for (const [at, { key, x, buckets, ...look }] of looks.entries()) {
		const groupBy = GROUPS[at % GROUPS.length] as readonly string[];
		const runs = await Promise.all(
			scenarios.map(async (scenario) => {
				const run = (await engine.run(scenario.runId)) as Run;
				const group = canonicalJson(Object.fromEntries(groupBy.map((field) => [field, fieldOf(run, field)])));
				return { group, points: scenario.record.visible(key), axis: await axisOf(scenario, x) };
			}),
		);
		const axis = runs.find((run) => run.axis !== null)?.axis ?? null;
		const view = axis === null ? { from: null, to: null } : viewOf({ ...look, x, buckets }, axis, scenarios);
		const query = { experimentId, key, groupBy, buckets, ...view, x };
		const made = ok(await engine.metricBands(query));
		const wanted = modelBands(runs, { x, buckets, ...view });
		expect(made.map(({ group }) => canonicalJson(group))).toEqual(wanted.map(({ group }) => group));
		for (const [index, { points, runs: members }] of wanted.entries()) {
			const band = made[index];
			expect(band?.runs).toBe(members);
			expect([...(band?.x ?? [])]).toEqual(points.map((point) => point.x));
			for (const [bucket, point] of points.entries()) {
				expectNear((band?.mean[bucket] ?? Number.NaN) / point.largest, point.mean / point.largest, 1);
				// The sum of squares of such values is beyond every double.
				if (point.largest > 1e150) continue;
				for (const field of ['sd', 'low', 'high'] as const)
					expectNear(band?.[field][bucket], point[field], point.largest);
			}
		}
		expect(await engine.metricBands(query)).toEqual(made);
	}
}

function fieldOf({ strategy, backboneId, datasetId, config }: Run, field: string): Json {
	if (field === 'strategy') return strategy as unknown as Json;
	if (field === 'backbone') return backboneId;
	return field === 'dataset' ? datasetId : (config.batchSize ?? null);
}

/** But for rounding, by the size of what was added up. */
export function expectNear(made: number | null | undefined, wanted: number, size: number): void {
	if (Number.isNaN(wanted)) expect(made).toBeNaN();
	else expect(Math.abs((made ?? Number.NaN) - wanted)).toBeLessThanOrEqual(1e-9 * (size + Math.abs(wanted)));
}
