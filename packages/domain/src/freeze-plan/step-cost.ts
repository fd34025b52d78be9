import type { LayerGroup } from '../backbone/index.js';
import type { GroupPlan } from './freeze-plan.js';

export interface Costed {
	readonly plan: GroupPlan;
	readonly group: LayerGroup;
	/** Multiply-accumulates of one forward pass through the group's low-rank updates (LORA); 0 elsewhere. */
	readonly adapterMacs: number;
}

/**
 * Multiply-accumulates of one training step per example, with F those of one forward pass: forward F everywhere; the
 * gradient of the activations F again from the lowest learning group upwards; the gradient of the kernels F again where
 * kernels learn (that of biases and BatchNorm is next to nothing). So full fine-tuning costs 3F, a frozen share p at the
 * bottom 3F - 2pF, biases alone about 2F, and a group frozen above a learning one saves its kernel gradient only.
 * Low-rank updates learn beside their kernels: 2F and three times their own. Where groups freeze in the course of the run
 * (FREEZE_OUT), the mean over its steps.
 */
export function stepCost(groups: readonly Costed[]): number {
	let cost = 0;
	let begin = 0;
	for (const end of [...groups.flatMap(({ plan }) => plan.freezesAt ?? []), 1].sort((a, b) => a - b)) {
		if (end <= begin) continue;
		cost += (end - begin) * (forward(groups) + backward(groups, begin));
		begin = end;
	}
	return cost;
}

/** The same where the leading frozen groups' activations were computed once; null where the first group learns. */
export function cachedStepCost(groups: readonly Costed[]): number | null {
	const lowest = groups.findIndex(({ plan }) => plan.trainable);
	return lowest <= 0 ? null : forward(groups.slice(lowest)) + backward(groups, 0);
}

const forward = (groups: readonly Costed[]): number =>
	groups.reduce((sum, { group, adapterMacs }) => sum + group.macs + adapterMacs, 0);

/** At the share `done` of the run. */
function backward(groups: readonly Costed[], done: number): number {
	const learns = ({ plan }: Costed) => plan.trainable && done < (plan.freezesAt ?? 1);
	const kernels = groups.filter((one) => learns(one) && one.plan.trains === 'ALL');
	const adapters = groups.reduce((sum, one) => sum + one.adapterMacs, 0);
	return forward(groups.slice(groups.findIndex(learns))) + forward(kernels) + adapters;
}
