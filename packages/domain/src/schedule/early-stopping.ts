import type { EarlyStoppingSpec } from '../recipe/recipe.js';
import { improves } from './plateau.js';

/** What Keras' EarlyStopping remembers between epochs; plain numbers, so that a checkpoint can hold it. */
export interface StoppingState {
	/** Null before the first value that counted. */
	readonly best: number | null;
	/** Epoch of the phase, from 0, whose weights are the best ones; null before the first one that counted. */
	readonly bestEpoch: number | null;
	/** Epochs without improvement. */
	readonly wait: number;
}

export const NOTHING_SEEN: StoppingState = { best: null, bestEpoch: null, wait: 0 };

export interface StoppingStep {
	readonly state: StoppingState;
	/** This epoch's weights are the best so far and are to be kept. */
	readonly keep: boolean;
	readonly stop: boolean;
}

/**
 * The state after epoch `epoch` of the phase, from 0, with this value. As in Keras, the first epoch that counts is the best
 * one even where its value is NaN, and the first epoch of a phase never ends it.
 */
export function nextStopping(
	spec: EarlyStoppingSpec,
	state: StoppingState,
	epoch: number,
	value: number,
): StoppingStep {
	if (epoch < spec.startEpoch) return { state, keep: false, stop: false };
	if (improves(spec.monitor, value, state.best, spec.minDelta)) {
		return { state: { best: value, bestEpoch: epoch, wait: 0 }, keep: true, stop: false };
	}
	const isFirst = state.bestEpoch === null;
	const wait = state.wait + 1;
	const next = { ...state, bestEpoch: isFirst ? epoch : state.bestEpoch, wait };
	return { state: next, keep: isFirst, stop: wait >= spec.patience && epoch > 0 };
}
