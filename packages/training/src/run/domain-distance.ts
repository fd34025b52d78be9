import type { TrainingState } from './training-state.js';

/** Owner in `TrainingState.notes`: the running epoch's sum over batches, so that a resumed epoch tells the same mean. */
const OWNER = 'adaptation';

/** Together with the step that the value is of. */
export function noteDistance({ notes, position }: TrainingState, distance: number): void {
	const before = position.batches === 1 ? 0 : Number(notes.get(OWNER) ?? 0);
	notes.set(OWNER, before + distance);
}

/** Mean over the epoch's batches of what the adaptation added to the loss; nothing where there is none. */
export function distanceMetric({ notes, position }: TrainingState): { readonly adaptation_loss?: number } {
	const sum = notes.get(OWNER);
	return sum === undefined ? {} : { adaptation_loss: Number(sum) / position.batches };
}
