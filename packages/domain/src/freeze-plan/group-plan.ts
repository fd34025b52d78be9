import type { WeightRole } from '../architecture/architecture.js';
import type { LayerGroup } from '../backbone/index.js';
import type { BatchNormMode, Strategy } from '../strategy/strategy.js';
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
	}
}

/** How many numbers of the group learn; agrees with `learns` over the group's weights. */
export function learningCount(group: LayerGroup, trains: GroupTraining): number {
	switch (trains) {
		case 'NONE':
			return 0;
		case 'ALL':
			return group.trainableCount;
		case 'BATCH_NORM_AFFINE':
			return group.batchNormCount;
		case 'BIASES':
			return group.biasCount;
	}
}

/** One backbone group's part in a phase where it learns wholly (`whole`) or is held by the strategy. */
export function planGroup(group: LayerGroup, whole: boolean, strategy: Strategy, distance: number): GroupPlan {
	const wanted = whole ? 'ALL' : heldTraining(strategy);
	const trains = learningCount(group, wanted) > 0 ? wanted : 'NONE';
	return {
		group: group.name,
		trains,
		trainable: trains !== 'NONE',
		learningRate: trains === 'NONE' ? null : strategy.backboneLearningRate * (strategy.decay ?? 1) ** distance,
		batchNorm: group.hasBatchNorm ? batchNormOf(trains, strategy) : null,
		trainableParameters: learningCount(group, trains),
		parameters: group.parameterCount,
	};
}

export function planHead(head: LayerGroup, strategy: Strategy): GroupPlan {
	return {
		group: head.name,
		trains: 'ALL',
		trainable: true,
		learningRate: strategy.learningRate,
		batchNorm: head.hasBatchNorm ? 'TRAIN_STATISTICS' : null,
		trainableParameters: head.trainableCount,
		parameters: head.parameterCount,
	};
}

/** AFFINE_ONLY is about held groups; in one that learns wholly it is the same as FROZEN_STATISTICS. */
function batchNormOf(trains: GroupTraining, strategy: Strategy): BatchNormMode {
	if (trains === 'NONE') return 'FROZEN_STATISTICS';
	return trains === 'ALL' && strategy.batchNorm === 'AFFINE_ONLY' ? 'FROZEN_STATISTICS' : strategy.batchNorm;
}

/** What still learns in a group that the strategy does not let learn as a whole. */
function heldTraining(strategy: Strategy): GroupTraining {
	if (strategy.kind === 'BITFIT') return 'BIASES';
	if (strategy.kind === 'BATCH_NORM_ONLY' || strategy.batchNorm === 'AFFINE_ONLY') return 'BATCH_NORM_AFFINE';
	return 'NONE';
}
