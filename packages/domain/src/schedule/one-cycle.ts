import type { ScheduleSpec } from '../recipe/recipe.js';

type OneCycle = Extract<ScheduleSpec, { kind: 'one-cycle' }>;

/** Factor of the rate at a step: up from 1 / startDivisor, down to the end, both on half a cosine. */
export function oneCycleFactor(schedule: OneCycle, step: number, steps: number): number {
	const start = 1 / schedule.startDivisor;
	const final = schedule.convention === 'torch' ? start / schedule.finalDivisor : 1 / schedule.finalDivisor;
	return cycle(schedule, step, steps, [start, 1, final]);
}

/** Momentum at a step: it falls while the rate rises. */
export function oneCycleMomentum(schedule: OneCycle, step: number, steps: number): number | null {
	if (schedule.momentum === null) return null;
	const { high, low } = schedule.momentum;
	return cycle(schedule, step, steps, [high, low, high]);
}

function cycle(
	{ convention, peakAt }: OneCycle,
	step: number,
	steps: number,
	[start, peak, end]: readonly [number, number, number],
): number {
	// torch counts steps from 0 to the last one; fastai counts shares of the whole, of which the last step ends at 1.
	const [peakStep, endStep] = convention === 'torch' ? [peakAt * steps - 1, steps - 1] : [peakAt * steps, steps];
	if (step <= peakStep) return peakStep <= 0 ? peak : cosineBetween(start, peak, step / peakStep);
	return cosineBetween(peak, end, endStep === peakStep ? 1 : (step - peakStep) / (endStep - peakStep));
}

const cosineBetween = (from: number, to: number, share: number): number =>
	to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
