import type { NewRun } from '@graft/database/run';
import type { JsonObject } from '@graft/domain/json';
import type { RunSpec } from '@graft/domain/run';
import { strategyLabel } from '@graft/domain/strategy';
import type { RunRequirements } from '@graft/domain/worker';
import { newId } from '@graft/runtime/id';

export interface RunPlace {
	readonly experimentId: string;
	readonly sweepId: string | null;
	readonly priority: number;
	readonly requires: RunRequirements;
	readonly tags: readonly string[];
	/** What stands before the seed in the run's name; the strategy's label where it is null. */
	readonly label: string | null;
	/** Further entries of the config. */
	readonly extra: JsonObject;
}

/** A queued run that carries out the spec. */
export function newRun(spec: RunSpec, { label, extra, ...place }: RunPlace): NewRun {
	return {
		id: newId(),
		...place,
		name: `${label ?? strategyLabel(spec.strategy)} · seed ${spec.seed}`,
		status: 'QUEUED',
		backboneId: spec.backbone.id,
		datasetId: spec.dataset.id,
		strategy: spec.strategy,
		freezePlan: spec.plan,
		spec,
		config: { ...configOf(spec), ...extra },
		seed: spec.seed,
	};
}

/** What a user sees and filters by: names instead of ids, and nothing that follows from the rest. */
function configOf(spec: RunSpec): JsonObject {
	const { backbone, dataset, strategy, head, optimizer, training, epochs, batchSize, seed, trainExamplesPerClass } =
		spec;
	const {
		kind,
		unfreezeFrom,
		batchNorm,
		learningRate,
		backboneLearningRate,
		decay,
		epochsPerStage,
		rank,
		alpha,
		options,
	} = strategy;
	return {
		backbone: backbone.name,
		dataset: dataset.name,
		...(spec.target !== undefined && { target: spec.target.name }),
		strategy: {
			kind,
			unfreezeFrom,
			batchNorm,
			learningRate,
			backboneLearningRate,
			decay,
			epochsPerStage,
			...(rank !== undefined && { rank }),
			...(alpha !== undefined && { alpha }),
			options,
		},
		head: { ...head },
		optimizer: { ...optimizer },
		// Plain data, as it is stored with the spec.
		...(training !== undefined && { training: training as unknown as JsonObject }),
		epochs,
		batchSize,
		trainExamplesPerClass,
		seed,
	};
}
