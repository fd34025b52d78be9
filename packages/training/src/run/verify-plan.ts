import type { FreezePlan, GroupTraining } from '@graft/domain/freeze-plan';
import { learns } from '@graft/domain/freeze-plan';
import type { FreezeVerification, GroupVerification } from '@graft/domain/run';
import type { HostWeights } from '../network/initial-weights.js';
import type { Network, NetworkWeight } from '../network/network.js';
import { movesStatistics } from './phase-network.js';

/** From least to most; a group is named by the most that it does in any phase. */
const TRAININGS: readonly GroupTraining[] = ['NONE', 'BIASES', 'BATCH_NORM_AFFINE', 'LORA', 'ALL'];

export interface PlanCheck {
	readonly verification: FreezeVerification;
	/** Weights that changed against the plan, by name. */
	readonly violations: readonly string[];
}

/** Compares every number with the start of the run, bit by bit, and with what the plan allows to change. */
export function verifyPlan(network: Network, plan: FreezePlan, before: HostWeights, after: HostWeights): PlanCheck {
	const violations: string[] = [];
	const groups = [...new Set(network.weights.map((weight) => weight.group))].map((group): GroupVerification => {
		const plans = plan.phases.flatMap((phase) => phase.groups.filter((one) => one.group === group));
		const takesTarget = plans.some((one) => one.batchNorm === 'TARGET_STATISTICS');
		const mayChange = ({ spec }: NetworkWeight): boolean =>
			spec.role === 'moving-mean' || spec.role === 'moving-variance'
				? plans.some(movesStatistics) || takesTarget
				: plans.some((one) => learns(one.trains, spec.role));
		let changed = false;
		let maxAbsDelta = 0;
		let batchNormMoved = false;
		for (const weight of network.weights.filter((one) => one.group === group)) {
			const delta = compare(before.get(weight.name)?.values, after.get(weight.name)?.values);
			if (!delta.changed) continue;
			changed = true;
			maxAbsDelta = Math.max(maxAbsDelta, delta.maxAbs);
			batchNormMoved ||= weight.spec.role === 'moving-mean' || weight.spec.role === 'moving-variance';
			if (!mayChange(weight)) violations.push(weight.name);
		}
		const most = Math.max(...plans.map((one) => TRAININGS.indexOf(one.trains)));
		const held = takesTarget ? 'TARGET_STATISTICS' : 'frozen';
		const planned = most <= 0 ? held : (TRAININGS[most] ?? held);
		return { group, planned, changed, maxAbsDelta, batchNormMoved };
	});
	return { verification: { ok: violations.length === 0, groups }, violations };
}

function compare(before?: Float32Array, after?: Float32Array): { changed: boolean; maxAbs: number } {
	if (before === undefined || after === undefined) return { changed: true, maxAbs: Number.POSITIVE_INFINITY };
	// Bits, not numbers: -0 is not 0, and NaN equals itself.
	const [old, now] = [before, after].map((one) => new Uint32Array(one.buffer, one.byteOffset, one.length));
	let changed = false;
	let maxAbs = 0;
	before.forEach((value, index) => {
		if (old?.[index] === now?.[index]) return;
		changed = true;
		maxAbs = Math.max(maxAbs, Math.abs((after[index] ?? 0) - value));
	});
	return { changed, maxAbs };
}
