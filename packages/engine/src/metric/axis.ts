import { readSeries } from '@graft/database/metric';
import { findRuns } from '@graft/database/run';
import type { MetricPoints } from '@graft/domain/metric';
import type { Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import type { XAxis } from '../contract/inputs.js';

/** The points of a series over the asked axis. */
export interface AxisPoints {
	readonly runId: string;
	readonly key: string;
	readonly x: Float64Array;
	readonly values: Float64Array;
}

/** The metric that tells how far a step is on the axis, where the steps themselves do not. */
const GUIDES: Readonly<Partial<Record<XAxis, string>>> = { EPOCH: 'epoch', EXAMPLES: 'examples', COMPUTE: 'examples' };

/** Reads series and puts them on the axis; series without points, and runs that say nothing of the axis, are left out. */
export async function readOnAxis(
	{ database }: Context,
	runIds: readonly string[],
	keys: readonly string[],
	axis: XAxis,
): Promise<readonly AxisPoints[]> {
	const guide = GUIDES[axis];
	const wanted = guide === undefined ? keys : [...new Set([...keys, guide])];
	const [series, runs] = await Promise.all([readSeries(database, runIds, wanted), findRuns(database, runIds)]);
	return runs.flatMap((run) => {
		const ofRun = series.get(run.id);
		const toX = axisOf(axis, run, guide === undefined ? undefined : ofRun?.get(guide));
		if (toX === null) return [];
		return keys.flatMap((key) => {
			const points = ofRun?.get(key);
			return points === undefined ? [] : { runId: run.id, key, x: toX(points), values: points.values };
		});
	});
}

type ToX = (points: MetricPoints) => Float64Array;

function axisOf(axis: XAxis, run: Run, guide: MetricPoints | undefined): ToX | null {
	switch (axis) {
		case 'STEP':
			return ({ steps }) => steps;
		case 'WALL_TIME': {
			const { startedAt } = run;
			return startedAt === null ? null : ({ times }) => times.map((time) => (time - startedAt.getTime()) / 1000);
		}
		case 'EPOCH':
			return guide === undefined ? null : along(guide, 1);
		case 'EXAMPLES':
			return examplesOf(run, guide, 1);
		case 'COMPUTE':
			return run.freezePlan === null ? null : examplesOf(run, guide, run.freezePlan.stepCost);
	}
}

/** Without a logged count, a step is a full batch: right but for the last batch of an epoch. */
function examplesOf(run: Run, guide: MetricPoints | undefined, factor: number): ToX | null {
	if (guide !== undefined) return along(guide, factor);
	const batchSize = run.spec?.batchSize;
	return batchSize === undefined ? null : ({ steps }) => steps.map((step) => step * batchSize * factor);
}

/** Linear between the guide's points, from 0 at step 0; behind its last point it goes on at the average rate. */
function along(guide: MetricPoints, factor: number): ToX {
	const known = [...guide.steps.keys()]
		.map((index) => ({ step: guide.steps[index] as number, at: guide.values[index] as number }))
		.filter(({ at }) => Number.isFinite(at))
		.sort((a, b) => a.step - b.step);
	const points = [{ step: 0, at: 0 }, ...known.filter(({ step }) => step > 0)];
	const last = points.at(-1) as { step: number; at: number };
	const place = (step: number): number => {
		if (step >= last.step) return last.step === 0 ? 0 : (last.at / last.step) * step;
		let [low, high] = [0, points.length - 1];
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if ((points[middle] as { step: number }).step <= step) low = middle;
			else high = middle;
		}
		const [from, to] = [points[low] as typeof last, points[high] as typeof last];
		return from.at + ((step - from.step) / (to.step - from.step)) * (to.at - from.at);
	};
	return ({ steps }) => steps.map((step) => place(step) * factor);
}
