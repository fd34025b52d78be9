import type { FreezePhase } from './freeze-plan.js';

/**
 * Why the trunk's activations are not the same in every epoch, so that they cannot be computed once; null where they can
 * be in each phase. One short sentence for people.
 */
export function cacheReason(phases: readonly FreezePhase[]): string | null {
	const without = phases.filter((phase) => phase.cachedStepCost === null);
	const group = without[0]?.groups[0];
	if (group === undefined) return null;
	const because = `${group.group}, at the input, learns`;
	if (without.length === phases.length) return `${because}.`;
	const numbers = without.map((phase) => phase.index + 1).join(', ');
	return `Not in phase ${numbers}: ${because}.`;
}
