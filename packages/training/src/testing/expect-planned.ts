import { HEAD_GROUP } from '@graft/domain/architecture';
import { learns } from '@graft/domain/freeze-plan';
import type { RunSpec } from '@graft/domain/run';
import { expect } from 'vitest';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork, type NetworkWeight } from '../network/network.js';
import type { TrainResult } from '../run/index.js';
import { stepNetworks } from '../run/step-network.js';
import { float32, readSafetensors } from '../safetensors/index.js';

/**
 * Holds a run against its plan without asking the run: each layer in one group, trainable numbers as they were counted,
 * every number that was to stay bit by bit as it was, and a trunk to be computed once where the planner says so.
 */
export function expectPlanned(spec: RunSpec, pretrained: Uint8Array, result: TrainResult): void {
	const network = buildNetwork(spec);
	expect(result.verification.ok).toBe(true);
	expect(result.verification.groups.find((one) => one.group === HEAD_GROUP)?.changed).toBe(true);
	expect(spec.plan.cacheReason === null).toBe(spec.plan.phases.every((phase) => phase.cachedStepCost !== null));
	for (const phase of spec.plan.phases) {
		const names = phase.groups.map((one) => one.group);
		expect(new Set(names).size).toBe(names.length);
		expect(network.layers.every((layer) => names.includes(layer.group))).toBe(true);
		// What the planner promises of the trunk is what the engine does.
		const { part } = stepNetworks({ spec, network, totalSteps: result.steps }, phase);
		expect(part.trunk.some(({ weights }) => weights.length > 0)).toBe(phase.cachedStepCost !== null);
		for (const { group, trains, trainableParameters } of phase.groups) {
			const learning = network.weights.filter((one) => one.group === group && learns(trains, one.spec.role));
			const count = learning.reduce((sum, { spec: { shape } }) => sum + shape.reduce((a, b) => a * b, 1), 0);
			expect([group, count]).toEqual([group, trainableParameters]);
		}
	}
	const start = initialWeights(network, spec.seed, spec.plan.startsFromPretrained ? pretrained : null);
	const { tensors } = readSafetensors(result.checkpoint);
	expect(new Set(tensors.keys())).toEqual(new Set(network.weights.map(({ name }) => name)));
	for (const weight of network.weights) {
		const { name } = weight;
		const now = tensors.get(name);
		if (now === undefined) throw new Error(name);
		expect(float32(name, now).values.every(Number.isFinite)).toBe(true);
		if (mayChange(spec, weight) || isMerged(spec, name)) continue;
		const old = start.get(name)?.values ?? new Float32Array();
		const isSame = Buffer.compare(now.bytes, Buffer.from(old.buffer, old.byteOffset, old.byteLength)) === 0;
		expect([name, isSame]).toEqual([name, true]);
	}
}

function mayChange({ plan }: RunSpec, { group, spec: { role } }: NetworkWeight): boolean {
	const plans = plan.phases.flatMap((phase) => phase.groups.filter((one) => one.group === group));
	if (role !== 'moving-mean' && role !== 'moving-variance') return plans.some((one) => learns(one.trains, role));
	return plans.some(
		({ batchNorm, trainable }) => batchNorm === 'TARGET_STATISTICS' || (trainable && batchNorm === 'TRAIN_STATISTICS'),
	);
}

/** What adding a low-rank update to a kernel does to its bits is no part of the plan. */
const isMerged = (spec: RunSpec, name: string) => spec.strategy.kind === 'LORA' && name.endsWith('/kernel');
