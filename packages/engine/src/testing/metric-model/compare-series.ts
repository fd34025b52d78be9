import type { Database } from '@graft/database/connection';
import { readSeries } from '@graft/database/metric';
import { expect } from 'vitest';
import type { XAxis } from '../../contract/inputs.js';
import { ok } from '../create-test-engine.js';
import { KEYS, type Look } from './commands.js';
import { largest, type ModelAxis, modelAxis } from './model-axis.js';
import { type AxisView, modelBuckets, WHOLE } from './model-buckets.js';
import { engineOf, type Observed, timeOf } from './scenario.js';

const WIDE: readonly Look[] = [1_000, 37, 10_000].map((buckets) => ({ x: 'STEP', buckets, ...WHOLE }));

/** The points themselves, and charts over every axis, whole and in part, now and as they stood when earlier attempts were the last. */
export async function compareSeries(database: Database, scenario: Observed, looks: readonly Look[]): Promise<void> {
	const { record, runId } = scenario;
	const raw = (await readSeries(database, [runId], KEYS)).get(runId);
	for (const key of KEYS) {
		const points = record.visible(key);
		const { steps = [], values = [], times = [] } = raw?.get(key) ?? {};
		expect([...steps]).toEqual(points.map((point) => point.step));
		expect([...values]).toEqual(points.map((point) => point.value));
		expect([...times]).toEqual(points.map((point) => point.time));
	}
	for (const look of [...WIDE, ...looks]) await compareLook(database, scenario, look, null);
	for (let attempt = 1; attempt <= record.attempts; attempt++)
		for (const look of [{ ...WHOLE, x: 'STEP' as const, buckets: 300 }, ...looks.slice(attempt % 4, (attempt % 4) + 1)])
			await compareLook(database, scenario, look, attempt);
}

async function compareLook(database: Database, scenario: Observed, look: Look, attempt: number | null): Promise<void> {
	const { record, runId, engine } = scenario;
	const axis = await axisOf(scenario, look.x, attempt ?? record.attempts);
	const view = axis === null ? WHOLE : viewOf(look, axis, [scenario]);
	const query = { runIds: [runId], keys: KEYS, buckets: look.buckets, ...view, x: look.x, attempt };
	const answered = ok(await engine.metricSeries(query));
	for (const key of KEYS) {
		const made = answered.find((series) => series.key === key);
		const points = record.visible(key, attempt ?? record.attempts);
		const wanted = axis === null ? null : modelBuckets(points, look.buckets, axis, view);
		if (made === undefined) expect(wanted).toBeNull();
		else {
			const { points: count, steps, min, max, mean, nonFinite } = made;
			const lists = { steps: [...steps], min: [...min], max: [...max], mean: [...mean] };
			expect({ points: count, ...lists, nonFinite }).toEqual(wanted);
		}
	}
	// The same bytes on repeat, from the cache or not.
	expect(await engine.metricSeries(query)).toEqual(answered);
	expect(await engineOf(database).engine.metricSeries(query)).toEqual(answered);
}

/** The oracle's axis of a run. */
export async function axisOf(
	{ engine, record, runId }: Observed,
	x: XAxis,
	asOf = record.attempts,
): Promise<ModelAxis | null> {
	const run = await engine.run(runId);
	const facts = {
		batchSize: run?.spec?.batchSize ?? Number.NaN,
		stepCost: run?.freezePlan?.stepCost ?? Number.NaN,
		startedAt: run?.startedAt?.getTime() ?? Number.NaN,
	};
	return modelAxis(x, record, facts, asOf);
}

/** The part of an axis that somebody looks at, by the furthest step of these runs. */
export function viewOf({ from, to }: Look, axis: ModelAxis, scenarios: readonly Observed[]): AxisView {
	const steps = scenarios.flatMap(({ record }) => KEYS.flatMap((key) => record.visible(key).map(({ step }) => step)));
	const last = steps.length === 0 ? 0 : largest(steps);
	const at = (share: number | null) =>
		share === null ? null : axis.place({ step: share * last, time: timeOf(share * last) });
	return { from: at(from), to: at(to) };
}
