import type { WeightRole } from '../architecture/architecture.js';
import type { LayerGroup } from '../backbone/index.js';
import type { BatchNormMode, Strategy } from '../strategy/strategy.js';
import { freezeOutRate, freezesAt } from './freeze-out.js';
import type { GroupPlan, GroupTraining } from './freeze-plan.js';

/** Whether a weight of this role learns in a group that trains so. Moving statistics never do: no gradient reaches them. */
export function learns(trains: GroupTraining, role: WeightRole): boolean {
	switch (trains) {
		case 'NONE':
			return false;
		case 'ALL':
			return role !== 'moving-mean' && role !== 'moving-variance';
		case 'BATCH_NORM_AFFINE':
			return role === 'gamma' || role === 'beta';
		case 'BIASES':
			return role === 'bias' || role === 'beta';
		case 'LORA':
			return role === 'lora-a' || role === 'lora-b';
	}
}

/** How many numbers of the group learn; agrees with `learns` over the group's weights. `adapters`: those of LORA. */
export function learningCount(group: LayerGroup, trains: GroupTraining, adapters: number): number {
	switch (trains) {
		case 'NONE':
			return 0;
		case 'ALL':
			return group.trainableCount;
		case 'BATCH_NORM_AFFINE':
			return group.batchNormCount;
		case 'BIASES':
			return group.biasCount;
		case 'LORA':
			return adapters;
	}
}

/** Where a group stands: from the stem, in a backbone of so many groups. */
export interface GroupPlace {
	readonly position: number;
	readonly groups: number;
}

/** One backbone group's part in a phase where it learns wholly (`whole`) or is held by the strategy. */
export function planGroup(
	group: LayerGroup,
	whole: boolean,
	strategy: Strategy,
	{ position, groups }: GroupPlace,
	adapters: number,
): GroupPlan {
	const wanted = whole ? 'ALL' : heldTraining(strategy);
	const trains = learningCount(group, wanted, adapters) > 0 ? wanted : 'NONE';
	// The head is level 0, the top group one step below it.
	const rate = strategy.backboneLearningRate * (strategy.decay ?? 1) ** (groups - position);
	const end = strategy.kind === 'FREEZE_OUT' && trains !== 'NONE' ? freezesAt(strategy, position, groups) : null;
	return {
		group: group.name,
		trains,
		trainable: trains !== 'NONE',
		learningRate: trains === 'NONE' ? null : end === null ? rate : freezeOutRate(strategy, rate, end),
		...(end !== null && { freezesAt: end }),
		batchNorm: group.hasBatchNorm ? batchNormOf(trains, strategy) : null,
		trainableParameters: learningCount(group, trains, adapters),
		parameters: group.parameterCount + adapters,
	};
}

/** A head without numbers of its own (a language model's whose scores come from the embeddings) learns nothing by itself. */
export function planHead(head: LayerGroup, strategy: Strategy): GroupPlan {
	const learnsAll = head.trainableCount > 0;
	return {
		group: head.name,
		trains: learnsAll ? 'ALL' : 'NONE',
		trainable: learnsAll,
		learningRate: learnsAll ? strategy.learningRate : null,
		...(strategy.kind === 'FREEZE_OUT' && learnsAll && { freezesAt: 1 }),
		batchNorm: head.hasBatchNorm ? 'TRAIN_STATISTICS' : null,
		trainableParameters: head.trainableCount,
		parameters: head.parameterCount,
	};
}

/** AFFINE_ONLY is about held groups; in one that learns wholly it is the same as FROZEN_STATISTICS. */
function batchNormOf(trains: GroupTraining, strategy: Strategy): BatchNormMode {
	if (strategy.batchNorm === 'TARGET_STATISTICS') return 'TARGET_STATISTICS';
	if (trains === 'NONE') return 'FROZEN_STATISTICS';
	return trains === 'ALL' && strategy.batchNorm === 'AFFINE_ONLY' ? 'FROZEN_STATISTICS' : strategy.batchNorm;
}

/** What still learns in a group that the strategy does not let learn as a whole. */
function heldTraining(strategy: Strategy): GroupTraining {
	if (strategy.kind === 'BITFIT') return 'BIASES';
	if (strategy.kind === 'LORA') return 'LORA';
	if (strategy.kind === 'BATCH_NORM_ONLY' || strategy.batchNorm === 'AFFINE_ONLY') return 'BATCH_NORM_AFFINE';
	return 'NONE';
}
