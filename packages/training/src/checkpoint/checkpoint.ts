import type { Json } from '@graft/domain/json';
import type { HostWeights } from '../network/initial-weights.js';
import type { RunPosition } from '../run/training-state.js';

/** What belongs to a run as a whole: a checkpoint of another run, or of other weights, is refused by it. */
export interface CheckpointOrigin {
	/** sha256 of the run's spec. */
	readonly spec: string;
	/** sha256 of the weights that the run began with. */
	readonly start: string;
	/** Back end that trained it: on the same one the numbers go on bit by bit. */
	readonly backend: string;
}

/** State of one weight's optimizer in main memory. */
export interface HostWeightState {
	readonly updates: number;
	readonly slots: HostWeights;
}

/** A `TrainingState` in main memory, with where it comes from. */
export interface Checkpoint {
	readonly origin: CheckpointOrigin;
	readonly step: number;
	readonly position: RunPosition;
	/** Seconds that the run has trained, over all its attempts. */
	readonly seconds: number;
	readonly weights: HostWeights;
	readonly optimizer: ReadonlyMap<string, HostWeightState>;
	readonly memory: ReadonlyMap<string, HostWeights>;
	readonly notes: ReadonlyMap<string, Json>;
}
