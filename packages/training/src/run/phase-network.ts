import { HEAD_GROUP, type LayerSpec } from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import { type FreezePhase, type GroupPlan, learns } from '@graft/domain/freeze-plan';
import type { Network, NetworkLayer } from '../network/network.js';
import { cutNetwork } from './cut-network.js';

/** The network as one phase sees it: what cannot change, what can, and which weights learn at which rate. */
export interface PhaseNetwork {
	/** Leading layers whose output for an example is the same in every step of the phase. */
	readonly trunk: readonly NetworkLayer[];
	readonly tail: readonly NetworkLayer[];
	/** Learning rate of each weight that learns, in the network's order. */
	readonly learningRates: ReadonlyMap<string, number>;
	/** BatchNorm layers that normalise by the batch and move their statistics. */
	readonly batchStatistics: ReadonlySet<string>;
	/** Groups of which nothing learns: they infer, without dropout, as a frozen model that is called with training=False. */
	readonly frozen: ReadonlySet<string>;
}

/** @throws GraftError PLAN_VIOLATED where plan and network do not speak of the same groups and numbers. */
export function splitNetwork(network: Network, phase: FreezePhase): PhaseNetwork {
	const plans = new Map(phase.groups.map((group) => [group.group, group]));
	const planOf = (group: string): GroupPlan => {
		const plan = plans.get(group);
		if (plan === undefined) throw violated(`phase ${phase.index} says nothing about group ${group}`);
		return plan;
	};
	const learningRates = new Map<string, number>();
	let learning = 0;
	for (const { name, group, spec } of network.weights) {
		const plan = planOf(group);
		if (!learns(plan.trains, spec.role)) continue;
		if (plan.learningRate === null) throw violated(`group ${group} learns in phase ${phase.index} without a rate`);
		learningRates.set(name, plan.learningRate);
		learning += spec.shape.reduce((product, size) => product * size, 1);
	}
	if (learning !== phase.trainableParameters) {
		throw violated(
			`phase ${phase.index} plans ${phase.trainableParameters} learning numbers, the network has ${learning}`,
		);
	}
	const headRate = planOf(HEAD_GROUP).learningRate;
	for (const { name, spec } of network.discriminator.flatMap(({ weights }) => weights)) {
		if (headRate !== null && learns('ALL', spec.role)) learningRates.set(name, headRate);
	}
	const batchStatistics = new Set(
		network.layers
			.filter(({ layer, group }) => layer.kind === 'batch-norm' && movesStatistics(planOf(group)))
			.map(({ name }) => name),
	);
	const isFixed = (one: NetworkLayer): boolean =>
		!(drops(one.layer) && planOf(one.group).trainable) &&
		!batchStatistics.has(one.name) &&
		one.weights.every((weight) => !learningRates.has(weight.name));
	const firstFree = network.layers.findIndex((layer) => !isFixed(layer));
	// The first layers of a first group that learns give more numbers than they take: the planner keeps none of them either.
	const isFirstGroup = network.layers[firstFree]?.group === network.layers[0]?.group;
	const cut = firstFree < 0 ? network.layers.length : isFirstGroup ? 0 : firstFree;
	const frozen = new Set(phase.groups.filter((plan) => !plan.trainable).map((plan) => plan.group));
	return { ...cutNetwork(network.layers, cut), learningRates, batchStatistics, frozen };
}

/** Whether the layer draws in a training step. */
const drops = (layer: LayerSpec): boolean =>
	(layer.kind === 'dropout' && layer.rate > 0) || (layer.kind === 'attention' && layer.dropout > 0);

export const movesStatistics = (plan: GroupPlan): boolean => plan.trainable && plan.batchNorm === 'TRAIN_STATISTICS';

const violated = (what: string): GraftError =>
	new GraftError('PLAN_VIOLATED', `The freeze plan does not fit the network: ${what}.`);
