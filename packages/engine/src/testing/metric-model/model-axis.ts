import type { XAxis } from '../../contract/inputs.js';
import { type AxisView, cellsOf, WHOLE, widthOf } from './model-buckets.js';
import type { ModelPoint, RunRecord } from './run-record.js';

/** Where a point is on an axis, and which steps of a series a range takes; null: none. */
export interface ModelAxis {
	readonly place: (point: Pick<ModelPoint, 'step' | 'time'>) => number;
	readonly steps: (points: readonly ModelPoint[], view: AxisView) => AxisView | null;
}

/** What a run says of its axes besides its points. */
export interface AxisFacts {
	readonly batchSize: number;
	readonly stepCost: number;
	readonly startedAt: number;
}

/** Null where the run says nothing of the axis: an epoch that nobody has logged. */
export function modelAxis(x: XAxis, record: RunRecord, facts: AxisFacts, asOf = record.attempts): ModelAxis | null {
	const examples = () => guided(record.visible('examples', asOf)) ?? ((step: number) => step * facts.batchSize);
	switch (x) {
		case 'STEP':
			return { place: ({ step }) => step, steps: (_, view) => view };
		case 'WALL_TIME':
			return byTime((time) => (time - facts.startedAt) / 1000);
		case 'EPOCH': {
			const epoch = guided(record.visible('epoch', asOf));
			return epoch === null ? null : byStep(epoch);
		}
		case 'EXAMPLES':
			return byStep(examples());
		case 'COMPUTE': {
			const seen = examples();
			return byStep((step) => seen(step) * facts.stepCost);
		}
	}
}

/** The steps are looked for one by one, from the first. An axis may stand still for ever: an epoch that was logged at step 0 alone. */
function byStep(x: (step: number) => number): ModelAxis {
	const furthest = x(Number.MAX_SAFE_INTEGER);
	const count = (before: (at: number) => boolean) => {
		let step = 0;
		while (before(x(step))) step += 1;
		return step;
	};
	return {
		place: ({ step }) => x(step),
		steps: (_, { from, to }) =>
			from !== null && furthest < from
				? null
				: {
						from: from === null ? null : count((at) => at < from),
						to: to === null || furthest <= to ? null : count((at) => at <= to) - 1,
					},
	};
}

/** A step is in the range where its first finite point is, or the first NaN or infinity of it. */
function byTime(x: (time: number) => number): ModelAxis {
	return {
		place: ({ time }) => x(time),
		steps: (points, { from, to }) => {
			if (from === null && to === null) return WHOLE;
			const marks = new Map<string, ModelPoint>();
			for (const point of points) {
				const kind = `${point.step} ${Number.isFinite(point.value) ? 'finite' : point.value}`;
				if (!marks.has(kind)) marks.set(kind, point);
			}
			const steps = [...marks.values()]
				.filter(
					({ time }) => x(time) >= (from ?? Number.NEGATIVE_INFINITY) && x(time) <= (to ?? Number.POSITIVE_INFINITY),
				)
				.map(({ step }) => step);
			if (steps.length === 0) return null;
			const [low, high] = [smallest(steps), largest(steps)];
			return { from: from === null ? null : low, to: to === null ? null : high };
		},
	};
}

/** Straight between what was logged of it, from 0 at step 0; behind it at the average rate. */
function guided(logged: readonly ModelPoint[]): ((step: number) => number) | null {
	if (logged.length === 0) return null;
	const cells = [...cellsOf(logged, widthOf(logged, 4_000, WHOLE)).values()];
	const known = cells.map((points) => ({
		step: (points[0] as ModelPoint).step,
		at: smallest(points.map(({ value }) => value)),
	}));
	const guide = [{ step: 0, at: 0 }, ...known.filter(({ step }) => step > 0)];
	const last = guide.at(-1) as { step: number; at: number };
	return (step) => {
		const next = guide.findIndex((one) => one.step > step);
		if (next < 0) return last.step === 0 ? 0 : (last.at / last.step) * step;
		const [from, to] = [guide[next - 1] as typeof last, guide[next] as typeof last];
		return from.at + ((step - from.step) / (to.step - from.step)) * (to.at - from.at);
	};
}

export const smallest = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b));
export const largest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b));
