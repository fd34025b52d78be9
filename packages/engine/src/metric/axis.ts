import { readCells } from '@graft/database/metric';
import { findRuns } from '@graft/database/run';
import type { Axis, Cells } from '@graft/domain/metric';
import type { Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import type { XAxis } from '../contract/inputs.js';

/** An x axis of one run: where a step is on it, and which steps lie between two places. */
export interface RunAxis {
	readonly of: Axis;
	/** The steps from `from` to `to`; null where only the points know, because time is theirs. */
	readonly steps: (from: number | null, to: number | null) => { from: number | null; to: number | null } | null;
}

/** The metric that tells how far a step is on the axis, where the steps themselves do not. */
const GUIDES: Readonly<Partial<Record<XAxis, string>>> = { EPOCH: 'epoch', EXAMPLES: 'examples', COMPUTE: 'examples' };
/** Between so many points of the guide the axis is taken for straight. */
const GUIDE_POINTS = 4_000;

/** The axis of each run, as it was known when `attempt` was the last one (null: now); runs that say nothing of it are absent. */
export async function axesOf(
	{ database }: Context,
	runs: readonly Run[],
	axis: XAxis,
	attempt: number | null = null,
): Promise<ReadonlyMap<string, RunAxis>> {
	const key = GUIDES[axis];
	const wanted = key === undefined ? [] : runs.map(({ id }) => ({ runId: id, key, from: null, to: null }));
	const { cells: guides } = await readCells(database, wanted, { buckets: GUIDE_POINTS, level: null, attempt });
	return new Map(
		runs.flatMap((run) => {
			const made = axisOf(axis, run, key === undefined ? undefined : guides.get(run.id)?.get(key));
			return made === null ? [] : [[run.id, made]];
		}),
	);
}

/** As axesOf; over steps without reading the runs, of which it needs nothing: unknown ids have an axis then. */
export async function axesOfIds(
	context: Context,
	runIds: readonly string[],
	axis: XAxis,
	attempt: number | null,
): Promise<ReadonlyMap<string, RunAxis>> {
	if (axis === 'STEP') return new Map(runIds.map((runId) => [runId, STEPS]));
	return axesOf(context, await findRuns(context.database, runIds), axis, attempt);
}

const STEPS: RunAxis = { of: (step) => step, steps: (from, to) => ({ from, to }) };

function axisOf(axis: XAxis, run: Run, guide: Cells | undefined): RunAxis | null {
	switch (axis) {
		case 'STEP':
			return STEPS;
		case 'WALL_TIME': {
			const { startedAt } = run;
			if (startedAt === null) return null;
			return { of: (_, time) => (time - startedAt.getTime()) / 1000, steps: () => null };
		}
		case 'EPOCH':
			return guide === undefined ? null : rising(along(guide, 1));
		case 'EXAMPLES':
			return examplesOf(run, guide, 1);
		case 'COMPUTE':
			return run.freezePlan === null ? null : examplesOf(run, guide, run.freezePlan.stepCost);
	}
}

/** Without a logged count, a step is a full batch: right but for the last batch of an epoch. */
function examplesOf(run: Run, guide: Cells | undefined, factor: number): RunAxis | null {
	if (guide !== undefined) return rising(along(guide, factor));
	const batchSize = run.spec?.batchSize;
	return batchSize === undefined ? null : rising((step) => step * batchSize * factor);
}

/** Linear between the guide's points, from 0 at step 0; behind its last point it goes on at the average rate. */
function along({ firstStep, min }: Cells, factor: number): (step: number) => number {
	const known = [...firstStep.keys()].map((index) => ({ step: firstStep[index] as number, at: min[index] as number }));
	const points = [{ step: 0, at: 0 }, ...known.filter(({ step }) => step > 0)];
	const last = points.at(-1) as { step: number; at: number };
	return (step) => {
		if (step >= last.step) return last.step === 0 ? 0 : (last.at / last.step) * step * factor;
		let [low, high] = [0, points.length - 1];
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if ((points[middle] as { step: number }).step <= step) low = middle;
			else high = middle;
		}
		const [from, to] = [points[low] as typeof last, points[high] as typeof last];
		return (from.at + ((step - from.step) / (to.step - from.step)) * (to.at - from.at)) * factor;
	};
}

/** An axis that does not fall with the steps. It may stand still, so that no step lies behind a place. */
function rising(x: (step: number) => number): RunAxis {
	const firstBeyond = (beyond: (step: number) => boolean): number => {
		let [low, high] = [0, Number.MAX_SAFE_INTEGER];
		while (low < high) {
			const middle = low + Math.floor((high - low) / 2);
			if (beyond(middle)) high = middle;
			else low = middle + 1;
		}
		return low;
	};
	const lastUpTo = (to: number): number | null => {
		const behind = firstBeyond((step) => x(step) > to);
		return behind === Number.MAX_SAFE_INTEGER ? null : behind - 1;
	};
	return {
		of: x,
		steps: (from, to) => ({
			from: from === null ? null : firstBeyond((step) => x(step) >= from),
			to: to === null ? null : lastUpTo(to),
		}),
	};
}
