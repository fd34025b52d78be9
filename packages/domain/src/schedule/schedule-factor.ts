import type { ScheduleSpec } from '../recipe/recipe.js';
import { oneCycleFactor } from './one-cycle.js';

/** Where a phase stands: the step that is to be done, from 0, and how many the phase has. */
export interface SchedulePosition {
	readonly step: number;
	readonly steps: number;
	/** What plateaus have left of the rate so far. */
	readonly reduced: number;
}

/** Factor for every group's rate at this step. */
export function scheduleFactor(schedule: ScheduleSpec, { step, steps, reduced }: SchedulePosition): number {
	switch (schedule.kind) {
		case 'reduce-on-plateau':
			return reduced;
		case 'one-cycle':
			return oneCycleFactor(schedule, step, steps);
		case 'slanted-triangular':
			return slantedTriangular(schedule, step, steps);
		default:
			return warmed(schedule, step, steps);
	}
}

type Warmed = Extract<ScheduleSpec, { warmUp: number }>;

function warmed(schedule: Warmed, step: number, steps: number): number {
	// The small number takes away what the product has too much: .07 * 100 is 7.000000000000001.
	const rising = Math.ceil(schedule.warmUp * steps - 1e-9);
	if (step < rising) return schedule.start + (1 - schedule.start) * (step / rising);
	if (schedule.kind === 'constant') return 1;
	const hidden = schedule.kind === 'cosine' && schedule.convention === 'timm';
	const share = hidden ? step / steps : (step - rising) / Math.max(1, steps - rising);
	const left = schedule.kind === 'cosine' ? (1 + Math.cos(Math.PI * share)) / 2 : 1 - share;
	return schedule.final + (1 - schedule.final) * left;
}

/** Howard and Ruder (ULMFiT), equation 3. */
function slantedTriangular(
	{ peakAt, ratio }: Extract<ScheduleSpec, { kind: 'slanted-triangular' }>,
	step: number,
	steps: number,
): number {
	const cut = Math.floor(steps * peakAt);
	const height = step < cut ? step / cut : 1 - (step - cut) / (cut === 0 ? steps : cut * (1 / peakAt - 1));
	// Where the cut was rounded down, the paper's line would go below the end.
	return (1 + Math.max(0, height) * (ratio - 1)) / ratio;
}
