import type { EmaSpec } from '@graft/domain/recipe';
import { emaDecay } from '@graft/domain/schedule';
import * as tf from '@tensorflow/tfjs-core';
import { type DeviceWeights, disposeWeights, replaceWeight } from '../network/device-weights.js';
import { blend } from '../optimizer/blend.js';
import type { PhaseNetwork } from './phase-network.js';
import type { TrainingState } from './training-state.js';

/** Owners in `TrainingState.memory`: running averages of the weights, and the weights of the best epoch. */
const EMA = 'ema';
const BEST = 'best';

/** Weights that a phase can change: those that learn, and the statistics that move. */
export function changingWeights({ learningRates, batchStatistics }: PhaseNetwork): string[] {
	const moving = [...batchStatistics].flatMap((layer) => [`${layer}/moving_mean`, `${layer}/moving_variance`]);
	return [...learningRates.keys(), ...moving];
}

/** Has averages begin at the weights of now, before the first update of a phase. */
export function beginAverages(state: TrainingState, names: readonly string[]): void {
	if (!state.memory.has(EMA)) state.memory.set(EMA, copies(state.weights, names));
}

/** Moves the averages towards the weights after update `update` of the phase, from 0. */
export function moveAverages(state: TrainingState, spec: EmaSpec, update: number): void {
	const averages = state.memory.get(EMA) ?? new Map();
	const share = 1 - emaDecay(spec, update);
	for (const [name, old] of averages) {
		replaceWeight(averages, name, blend(old, state.weights.get(name) as tf.Tensor, share));
	}
}

/** The weights by which the run is judged: their averages where it keeps some. */
export function judgedWeights({ weights, memory }: TrainingState): DeviceWeights {
	const averages = memory.get(EMA);
	return averages === undefined ? weights : new Map([...weights, ...averages]);
}

/** Remembers the judged weights as the best of the phase so far. */
export function keepBest(state: TrainingState, names: readonly string[]): void {
	keepJudged(state, BEST, names);
}

/** Has `owner` remember the judged weights of now in place of what it remembered. */
export function keepJudged(state: TrainingState, owner: string, names: readonly string[]): void {
	disposeWeights(state.memory.get(owner) ?? new Map());
	state.memory.set(owner, copies(judgedWeights(state), names));
}

/** The weights that the phase leaves behind: the best ones, or their averages, or those of its last step. */
export function finalWeights(state: TrainingState): DeviceWeights {
	const best = state.memory.get(BEST);
	return best === undefined ? judgedWeights(state) : new Map([...state.weights, ...best]);
}

/** Ends a phase: its final weights become the weights, and what it remembered is forgotten. */
export function settleWeights(state: TrainingState): void {
	for (const [name, tensor] of finalWeights(state)) {
		if (tensor !== state.weights.get(name)) replaceWeight(state.weights, name, tf.clone(tensor));
	}
	for (const owner of [EMA, BEST]) {
		disposeWeights(state.memory.get(owner) ?? new Map());
		state.memory.delete(owner);
	}
}

const copies = (weights: DeviceWeights, names: readonly string[]): DeviceWeights =>
	new Map(names.map((name) => [name, tf.keep(tf.clone(weights.get(name) as tf.Tensor))]));
