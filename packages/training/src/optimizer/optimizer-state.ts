import * as tf from '@tensorflow/tfjs-core';
import { type DeviceWeights, replaceWeight } from '../network/device-weights.js';
import type { UpdateRule, WeightState } from './optimizer.js';

/** State of every learning weight by name. */
export type OptimizerState = Map<string, WeightState>;

/** Applies one gradient: replaces the weight and its state. */
export function applyGradient(
	rule: UpdateRule,
	states: OptimizerState,
	weights: DeviceWeights,
	name: string,
	gradient: tf.Tensor,
	learningRate: number,
): void {
	const weight = weights.get(name);
	if (weight === undefined) throw new Error(`the network has no weight ${name}`);
	const state = states.get(name) ?? null;
	const updated = rule.update(weight, gradient, learningRate, state);
	for (const slot of Object.values(updated.slots)) tf.keep(slot);
	disposeState(state);
	states.set(name, { updates: (state?.updates ?? 0) + 1, slots: updated.slots });
	replaceWeight(weights, name, updated.weight);
}

/** Forgets weights that no longer learn; one that learns again later begins anew. */
export function keepStates(states: OptimizerState, learning: ReadonlySet<string>): void {
	for (const [name, state] of states) {
		if (learning.has(name)) continue;
		disposeState(state);
		states.delete(name);
	}
}

function disposeState(state: WeightState | null): void {
	for (const slot of Object.values(state?.slots ?? {})) slot.dispose();
}
