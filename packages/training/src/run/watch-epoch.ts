import type { FreezePhase } from '@graft/domain/freeze-plan';
import type { Json } from '@graft/domain/json';
import type { Monitor } from '@graft/domain/recipe';
import {
	NO_PLATEAU,
	NOTHING_SEEN,
	nextPlateau,
	nextStopping,
	type PlateauState,
	type StoppingState,
} from '@graft/domain/schedule';
import { keepBest, settleWeights } from './averages.js';
import { PLATEAU, type Recipe } from './recipe.js';
import type { TrainingState } from './training-state.js';

/** Owner in `TrainingState.notes`. */
const STOPPING = 'early-stopping';

interface StoppingNote extends StoppingState {
	readonly stopped: boolean;
}

/** Whether the phase must be validated after every epoch, for something waits for its value. */
export function watchesValidation({ schedule, earlyStopping }: Recipe): boolean {
	const monitors = [schedule.kind === 'reduce-on-plateau' && schedule.monitor, earlyStopping?.monitor];
	return monitors.some((monitor) => typeof monitor === 'string' && monitor.startsWith('val_'));
}

/** Whether early stopping has ended the phase. */
export const hasStopped = ({ notes }: TrainingState): boolean =>
	(notes.get(STOPPING) as StoppingNote | undefined)?.stopped === true;

/**
 * Lets the schedule and early stopping see an epoch's metrics; `epoch` counts the phase's own from 0. Changes notes and
 * memory at once, so that it can go with the change of position.
 */
export function watchEpoch(
	state: TrainingState,
	{ schedule, earlyStopping }: Recipe,
	{ index }: FreezePhase,
	epoch: number,
	metrics: Readonly<Record<string, number>>,
	changing: readonly string[],
): void {
	const metric = (monitor: Monitor) => metrics[monitor] ?? Number.NaN;
	if (schedule.kind === 'reduce-on-plateau') {
		const before = (state.notes.get(PLATEAU) as unknown as PlateauState | undefined) ?? NO_PLATEAU;
		state.notes.set(PLATEAU, { ...nextPlateau(schedule, before, metric(schedule.monitor)) });
	}
	if (earlyStopping === null || earlyStopping.phases?.includes(index + 1) === false) return;
	const before = (state.notes.get(STOPPING) as unknown as StoppingNote | undefined) ?? NOTHING_SEEN;
	const next = nextStopping(earlyStopping, before, epoch, metric(earlyStopping.monitor));
	state.notes.set(STOPPING, { ...next.state, stopped: next.stop } as unknown as Json);
	if (next.keep) keepBest(state, changing);
}

/** Epoch of the phase, from 1, whose weights it goes back to; null where it does not. */
export function bestEpoch({ notes }: TrainingState): number | null {
	const epoch = (notes.get(STOPPING) as unknown as StoppingNote | undefined)?.bestEpoch ?? null;
	return epoch === null ? null : epoch + 1;
}

/** Ends a phase: the weights settle, and the next one counts and averages anew. */
export function endPhase(state: TrainingState): void {
	settleWeights(state);
	state.notes.delete(PLATEAU);
	state.notes.delete(STOPPING);
}
