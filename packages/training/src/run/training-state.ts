import type { Json } from '@graft/domain/json';
import { type DeviceWeights, disposeWeights, toDevice } from '../network/device-weights.js';
import type { HostWeights } from '../network/initial-weights.js';
import { keepStates, type OptimizerState } from '../optimizer/optimizer-state.js';
import { NO_SCORE, type Score } from './score.js';

/** Scores of an epoch: of its training steps, and of the last validation. */
export interface EpochScores {
	readonly train: Score;
	readonly validation: Score;
}

/** How far a run is in its plan: with the seed it says which examples come next. */
export interface RunPosition {
	/** Index into the plan's phases; their number once all are trained. */
	readonly phase: number;
	/** Epochs of the run that were done when this phase began. */
	readonly epochsBefore: number;
	/** Epochs of this phase that are done, their metrics told. */
	readonly epochs: number;
	/** Batches of the running epoch that are done. */
	readonly batches: number;
	/** Sums over these batches. */
	readonly sum: Score;
	readonly scores: EpochScores;
	/** Score of the test split, once it was looked at and told. */
	readonly test: Score | null;
}

export const START: RunPosition = {
	phase: 0,
	epochsBefore: 0,
	epochs: 0,
	batches: 0,
	sum: NO_SCORE,
	scores: { train: NO_SCORE, validation: NO_SCORE },
	test: null,
};

/**
 * Everything that a run changes from step to step: a checkpoint of it is enough to go on, bit by bit as if nothing had
 * happened. Whatever a setting has to remember goes into `memory` or `notes` under a name of its own, and into nothing
 * else; it is then saved, restored and disposed of without further ado. Between two `await`s of training the state is
 * whole: whoever changes it does so in one go with `position`.
 */
export interface TrainingState {
	readonly weights: DeviceWeights;
	readonly optimizer: OptimizerState;
	/** Tensors by owner (`ema`, `best`, `best-of-run`) and weight name. A tensor in it is kept, and is replaced instead of changed. */
	readonly memory: Map<string, DeviceWeights>;
	/** Numbers and flags by owner (`plateau`, `early-stopping`, `best-of-run`). Any number survives a checkpoint, NaN and -0 too. */
	readonly notes: Map<string, Json>;
	/** Steps done. */
	step: number;
	position: RunPosition;
}

export function createState(start: HostWeights): TrainingState {
	return {
		weights: toDevice(start),
		optimizer: new Map(),
		memory: new Map(),
		notes: new Map(),
		step: 0,
		position: START,
	};
}

export function disposeState(state: TrainingState): void {
	keepStates(state.optimizer, new Set());
	for (const weights of state.memory.values()) disposeWeights(weights);
	state.memory.clear();
	disposeWeights(state.weights);
}
