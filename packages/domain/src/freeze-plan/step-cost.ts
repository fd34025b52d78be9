import type { LayerGroup } from '../backbone/index.js';
import type { GroupPlan } from './freeze-plan.js';

interface Costed {
	readonly plan: GroupPlan;
	readonly group: LayerGroup;
}

/**
 * Multiply-accumulates of one training step per example, with F those of one forward pass: forward F everywhere; the
 * gradient of the activations F again from the lowest learning group upwards; the gradient of the kernels F again where
 * kernels learn (that of biases and BatchNorm is next to nothing). So full fine-tuning costs 3F, a frozen share p at the
 * bottom 3F - 2pF, biases alone about 2F, and a group frozen above a learning one saves its kernel gradient only.
 */
export function stepCost(groups: readonly Costed[]): number {
	return forward(groups) + backward(groups);
}

/** The same where the leading frozen groups' activations were computed once; null where the first group learns. */
export function cachedStepCost(groups: readonly Costed[]): number | null {
	const lowest = groups.findIndex(({ plan }) => plan.trainable);
	return lowest <= 0 ? null : forward(groups.slice(lowest)) + backward(groups);
}

const forward = (groups: readonly Costed[]): number => groups.reduce((sum, { group }) => sum + group.macs, 0);

function backward(groups: readonly Costed[]): number {
	const reached = groups.slice(groups.findIndex(({ plan }) => plan.trainable));
	const kernels = groups.filter(({ plan }) => plan.trains === 'ALL');
	return forward(reached) + forward(kernels);
}
