import type { FreezePhase, FreezePlan } from './freeze-plan.js';

/** What a step costs in the mean over a plan's phases, weighted by their epochs. */
export function meanCosts(phases: readonly FreezePhase[]): Pick<FreezePlan, 'stepCost' | 'cachedStepCost'> {
	const epochs = phases.reduce((sum, phase) => sum + phase.epochs, 0);
	const mean = (cost: (phase: FreezePhase) => number) =>
		phases.reduce((sum, phase) => sum + cost(phase) * phase.epochs, 0) / epochs;
	return {
		stepCost: mean((phase) => phase.stepCost),
		cachedStepCost: phases.some((phase) => phase.cachedStepCost !== null)
			? mean((phase) => phase.cachedStepCost ?? phase.stepCost)
			: null,
	};
}
