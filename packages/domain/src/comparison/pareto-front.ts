import type { Direction } from '../experiment/index.js';
import type { ComparisonGroup } from './comparison.js';

/**
 * Groups that no other group on the same data beats in both mean and cost. Cost is the first measure that all of them
 * have: compute, else seconds, else learning parameters; without any, only the best mean is left.
 */
export function paretoFront(groups: readonly ComparisonGroup[], direction: Direction): string[] {
	return groups
		.filter((group) => {
			const rivals = groups.filter((other) => other.datasetId === group.datasetId);
			const measure = (['computePerRun', 'secondsPerRun', 'trainableParameters'] as const).find((candidate) =>
				rivals.every((rival) => rival[candidate] !== null),
			);
			const cost = (of: ComparisonGroup) => (measure === undefined ? 0 : (of[measure] ?? 0));
			const gain = (of: ComparisonGroup) => (direction === 'MAXIMIZE' ? of.mean : -of.mean);
			return !rivals.some(
				(rival) =>
					gain(rival) >= gain(group) &&
					cost(rival) <= cost(group) &&
					(gain(rival) > gain(group) || cost(rival) < cost(group)),
			);
		})
		.map((group) => group.id);
}
