import type { LayerGroup } from '../backbone/index.js';
import type { Strategy } from '../strategy/strategy.js';

/** One phase before it is counted: how long, and which groups learn all their numbers. */
export interface Stage {
	readonly epochs: number;
	readonly learns: (group: LayerGroup) => boolean;
}

/** Epochs that the strategy needs so that each of its stages has one at least. */
export function epochsNeeded(strategy: Strategy, layerGroups: readonly LayerGroup[]): number {
	const early = strategy.epochsPerStage ?? 1;
	if (strategy.kind === 'LP_FT') return early + 1;
	if (strategy.kind === 'GRADUAL_UNFREEZE') return Math.max(0, layerGroups.length - 1) * early + 1;
	return 1;
}

/** The stages one after the other; the last one takes the epochs that are left. */
export function stagesOf(strategy: Strategy, layerGroups: readonly LayerGroup[], epochs: number): Stage[] {
	const early = strategy.epochsPerStage ?? 1;
	switch (strategy.kind) {
		case 'LP_FT':
			return [
				{ epochs: early, learns: () => false },
				{ epochs: epochs - early, learns: () => true },
			];
		case 'GRADUAL_UNFREEZE':
			return layerGroups.map((_, stage) => {
				const last = stage === layerGroups.length - 1;
				const lowest = layerGroups.length - 1 - stage;
				return { epochs: last ? epochs - stage * early : early, learns: (group) => group.index >= lowest };
			});
		case 'PARTIAL_FINE_TUNE': {
			const from = layerGroups.find((group) => group.name === strategy.unfreezeFrom)?.index ?? Number.POSITIVE_INFINITY;
			return [{ epochs, learns: (group) => group.index >= from }];
		}
		case 'SURGICAL':
			return [{ epochs, learns: (group) => group.name === strategy.unfreezeFrom }];
		case 'FEATURE_EXTRACTION':
		case 'BATCH_NORM_ONLY':
		case 'BITFIT':
		case 'LORA':
		case 'ADABN':
			return [{ epochs, learns: () => false }];
		default:
			return [{ epochs, learns: () => true }];
	}
}
