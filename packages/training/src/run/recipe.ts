import { PLAIN_TRAINING, type TrainingSpec } from '@graft/domain/recipe';
import type { RunSpec } from '@graft/domain/run';
import { oneCycleMomentum, type PlateauState, scheduleFactor } from '@graft/domain/schedule';
import type { UpdateRule } from '../optimizer/optimizer.js';
import { updateRule, withMomentum } from '../optimizer/update-rule.js';
import { decays, defaultWeightDecay, withWeightDecay } from '../optimizer/weight-decay.js';
import type { TrainingState } from './training-state.js';

/** Owner in `TrainingState.notes`: what plateaus have left of the rate. */
export const PLATEAU = 'plateau';

/** What one step takes from the recipe. */
export interface StepRecipe {
	/** Steps of the phase that are done. */
	readonly step: number;
	/** For every group's rate. */
	readonly factor: number;
	readonly ruleFor: (name: string, shape: readonly number[]) => UpdateRule;
}

/** A run's training settings, ready for use. */
export interface Recipe extends TrainingSpec {
	readonly at: (state: TrainingState, phase: PhaseLength) => StepRecipe;
}

/** Steps of an epoch, and epochs of the phase as it is planned. */
export interface PhaseLength {
	readonly stepsPerEpoch: number;
	readonly epochs: number;
}

export function createRecipe({ training = PLAIN_TRAINING, optimizer, strategy }: RunSpec): Recipe {
	const { schedule } = training;
	const decay = training.weightDecay ?? defaultWeightDecay(optimizer);
	// L2_SP draws the backbone to its start; a draw to zero beside it would be another strategy.
	const mayDecay = (name: string) => strategy.kind !== 'L2_SP' || name.startsWith('head/');
	return {
		...training,
		at: ({ position, notes }, { stepsPerEpoch, epochs }) => {
			const step = position.epochs * stepsPerEpoch + position.batches;
			const steps = epochs * stepsPerEpoch;
			const reduced = (notes.get(PLATEAU) as unknown as PlateauState | undefined)?.factor ?? 1;
			const momentum = schedule.kind === 'one-cycle' ? oneCycleMomentum(schedule, step, steps) : null;
			const plain = updateRule(momentum === null ? optimizer : withMomentum(optimizer, momentum));
			const decaying = withWeightDecay(plain, optimizer, decay);
			return {
				step,
				factor: scheduleFactor(schedule, { step, steps, reduced }),
				ruleFor: (name, shape) => (mayDecay(name) && decays(shape) ? decaying : plain),
			};
		},
	};
}
