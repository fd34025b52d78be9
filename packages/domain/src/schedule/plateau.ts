import { isBetterHigher, type ScheduleSpec } from '../recipe/recipe.js';

type ReduceOnPlateau = Extract<ScheduleSpec, { kind: 'reduce-on-plateau' }>;

/** What Keras' ReduceLROnPlateau remembers between epochs; plain numbers, so that a checkpoint can hold it. */
export interface PlateauState {
	/** Null before the first value. */
	readonly best: number | null;
	/** Epochs without improvement. */
	readonly wait: number;
	/** Epochs that do not count yet. */
	readonly cooldown: number;
	/** What is left of the rate. */
	readonly factor: number;
}

export const NO_PLATEAU: PlateauState = { best: null, wait: 0, cooldown: 0, factor: 1 };

/** The state after an epoch with this value. */
export function nextPlateau(schedule: ReduceOnPlateau, state: PlateauState, value: number): PlateauState {
	const cooldown = Math.max(0, state.cooldown - 1);
	const waited = state.cooldown > 0 ? 0 : state.wait;
	if (improves(schedule.monitor, value, state.best, schedule.minDelta)) {
		return { ...state, best: value, wait: 0, cooldown };
	}
	if (cooldown > 0) return { ...state, wait: waited, cooldown };
	const wait = waited + 1;
	if (wait < schedule.patience || state.factor <= schedule.floor) return { ...state, wait, cooldown };
	const factor = Math.max(schedule.floor, state.factor * schedule.factor);
	return { ...state, wait: 0, cooldown: schedule.cooldown, factor };
}

/** Better by more than `minDelta`; NaN never is. */
export function improves(
	monitor: ReduceOnPlateau['monitor'],
	value: number,
	best: number | null,
	minDelta: number,
): boolean {
	if (Number.isNaN(value)) return false;
	if (best === null) return true;
	return isBetterHigher(monitor) ? value > best + minDelta : value < best - minDelta;
}
