import type { LayerSummary } from '../architecture/architecture.js';
import type { LayerGroup } from '../backbone/index.js';
import { GraftError, type InvalidInput, invalidInput } from '../error/index.js';
import type { Strategy } from '../strategy/strategy.js';
import { stepsOnTarget } from '../strategy/target-kinds.js';
import { countAdapters } from './adapters.js';
import { cacheReason } from './cache-reason.js';
import type { FreezePhase, FreezePlan } from './freeze-plan.js';
import { planGroup, planHead } from './group-plan.js';
import { meanCosts } from './mean-costs.js';
import { epochsNeeded, type Stage, stagesOf } from './stages.js';
import { type Costed, cachedStepCost, stepCost } from './step-cost.js';

export interface PlanRequest {
	readonly strategy: Strategy;
	/** From stem to top. */
	readonly layerGroups: readonly LayerGroup[];
	readonly head: LayerGroup;
	readonly epochs: number;
	/** The backbone's layers: LORA counts its updates by them; no other kind asks. */
	readonly layers?: readonly LayerSummary[];
	/** Why an example enters the network another way each time (a sentence), so that no trunk can be computed once. */
	readonly freshInputs?: string | null;
}

/** Refuses epochs that do not give each stage of the strategy one. Ask this before `planFreeze`. */
export function checkEpochs(
	strategy: Strategy,
	layerGroups: readonly LayerGroup[],
	epochs: number,
	field = 'epochs',
): InvalidInput | null {
	if (!Number.isSafeInteger(epochs) || epochs < 1) {
		return invalidInput(field, `The epochs are a whole number from 1, not ${epochs}.`);
	}
	const needed = epochsNeeded(strategy, layerGroups);
	if (epochs >= needed) return null;
	return invalidInput(
		field,
		`${strategy.kind} with ${strategy.epochsPerStage} epochs a stage needs ${needed} epochs here, and ${epochs} are given.`,
		'TOO_FEW_EPOCHS',
	);
}

/**
 * What a strategy means on these layer groups: who learns what, at which rate, for how long, and what it costs. The
 * phases' epochs sum to `epochs`. Throws where `checkEpochs` refuses.
 */
export function planFreeze(request: PlanRequest): FreezePlan {
	const { strategy, layerGroups, epochs } = request;
	const refused = checkEpochs(strategy, layerGroups, epochs);
	if (refused !== null) throw new GraftError('BUG', refused.message);
	if (strategy.kind === 'LORA' && request.layers === undefined) {
		throw new GraftError('BUG', 'LORA cannot be planned without the layers of the backbone.');
	}
	const phases = stagesOf(strategy, layerGroups, epochs).map((stage, index) => planPhase(stage, index, request));
	const total = (phases[0]?.groups ?? []).reduce((sum, group) => sum + group.parameters, 0);
	const learning = learningInAnyPhase(phases);
	return {
		phases,
		trainableParameters: learning,
		frozenParameters: total - learning,
		startsFromPretrained: strategy.kind !== 'FROM_SCRATCH',
		...meanCosts(phases),
		cacheReason: request.freshInputs ?? cacheReason(phases),
	};
}

function planPhase(stage: Stage, index: number, request: PlanRequest): FreezePhase {
	const { strategy, layerGroups, head, layers = [] } = request;
	const costed = layerGroups.map((group, position) => {
		const adapters = countAdapters(layers, group.name, strategy);
		const place = { position, groups: layerGroups.length };
		const plan = planGroup(group, stage.learns(group), strategy, place, adapters.parameters);
		return { group, plan, adapterMacs: adapters.macs };
	});
	costed.push({ group: head, plan: planHead(head, strategy), adapterMacs: 0 });
	const groups = costed.map(({ plan }) => plan);
	const [embeddings] = groups;
	if (head.trainableCount === 0 && embeddings?.trains === 'ALL') {
		// The gradient of the table that such a head borrows comes from here, too.
		costed.push({
			group: head,
			plan: { ...(costed.pop() as Costed).plan, trains: 'ALL', trainable: true },
			adapterMacs: 0,
		});
	}
	const cached = request.freshInputs == null ? cachedStepCost(costed) : null;
	// A target example goes through forward and backward beside each labelled one.
	const examples = stepsOnTarget(strategy.kind) ? 2 : 1;
	return {
		index,
		epochs: stage.epochs,
		groups,
		trainableParameters: groups.reduce((sum, group) => sum + group.trainableParameters, 0),
		stepCost: examples * stepCost(costed),
		cachedStepCost: cached === null ? null : examples * cached,
	};
}

/** A group's learning sets only ever contain one another (nothing, BatchNorm, all), so the largest is their union. */
function learningInAnyPhase(phases: readonly FreezePhase[]): number {
	const most = new Map<string, number>();
	for (const group of phases.flatMap((phase) => phase.groups)) {
		most.set(group.group, Math.max(most.get(group.group) ?? 0, group.trainableParameters));
	}
	return [...most.values()].reduce((sum, count) => sum + count, 0);
}
