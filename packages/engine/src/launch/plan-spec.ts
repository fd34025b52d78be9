import { findArchitecture, summarizeBackbone, summarizeHead } from '@graft/domain/architecture';
import type { Backbone } from '@graft/domain/backbone';
import { type Dataset, outputsOf } from '@graft/domain/dataset';
import { GraftError, type InvalidInput, invalidInput } from '@graft/domain/error';
import { checkEpochs, type FreezePlan, planFreeze } from '@graft/domain/freeze-plan';
import { checkTraining, freshInputs, type TrainingSpec } from '@graft/domain/recipe';
import type { HeadSpec, OptimizerSpec, RunSpec } from '@graft/domain/run';
import { parseStrategy, type Strategy, type StrategyInput } from '@graft/domain/strategy';
import { refuseNumber } from './whole-number.js';

/** Rates, sizes and so on that all runs of a launch share. */
export interface TrainingSettings {
	readonly head: HeadSpec;
	readonly optimizer: OptimizerSpec;
	/** Left out where the launch says nothing of it, as before there was any. */
	readonly training?: TrainingSpec;
	readonly epochs: number;
	readonly batchSize: number;
	readonly trainExamplesPerClass: number | null;
}

export const LARGEST_EPOCHS = 100_000;
const LARGEST_BATCH = 65_536;

export function refuseSettings(
	settings: Omit<TrainingSettings, 'head' | 'optimizer' | 'training'>,
): InvalidInput | null {
	const { epochs, batchSize, trainExamplesPerClass } = settings;
	return (
		refuseNumber('epochs', epochs, 1, LARGEST_EPOCHS) ??
		refuseNumber('batchSize', batchSize, 1, LARGEST_BATCH) ??
		(trainExamplesPerClass === null
			? null
			: refuseNumber('trainExamplesPerClass', trainExamplesPerClass, 1, Number.MAX_SAFE_INTEGER))
	);
}

/** What the network on a backbone reads and puts out. */
export interface PlannedOn {
	/** Units of the last layer. */
	readonly outputs: number;
	/** Of the data, where they say one; null is the backbone's own. */
	readonly inputShape: readonly number[] | null;
}

export const plannedOn = (dataset: Dataset): PlannedOn => ({
	outputs: outputsOf(dataset),
	inputShape: dataset.input.shape,
});

/** Strategy and plan of one backbone for so many outputs, or why the strategy cannot be carried out on it. */
export function planStrategy(
	backbone: Backbone,
	input: StrategyInput,
	path: string,
	{ outputs, inputShape, head, epochs, training }: PlannedOn & Pick<TrainingSettings, 'head' | 'epochs' | 'training'>,
): { readonly strategy: Strategy; readonly plan: FreezePlan } | InvalidInput {
	const strategy = parseStrategy(input, backbone.layerGroups, path);
	if ('field' in strategy) return strategy;
	if (backbone.weightsDigest === null && strategy.kind !== 'FROM_SCRATCH')
		return invalidInput(
			`${path}.kind`,
			`${backbone.name} has random weights: there is nothing to transfer, so that FROM_SCRATCH is its only strategy.`,
			'NO_WEIGHTS',
		);
	const tooFew = checkEpochs(strategy, backbone.layerGroups, epochs);
	if (tooFew !== null) return tooFew;
	const architecture = findArchitecture(backbone.architecture);
	const shape = inputShape ?? backbone.input.shape;
	if (architecture === null || shape === null)
		return invalidInput(
			'backboneId',
			`This version cannot build ${backbone.architecture}, the architecture of ${backbone.name}.`,
		);
	try {
		const { network, layerGroups } = summarizeBackbone(architecture, shape);
		const { layers, outputShape } = network;
		const { group } = summarizeHead(head, outputShape, outputs);
		const plan = planFreeze({ strategy, layerGroups, head: group, epochs, layers, freshInputs: freshInputs(training) });
		if (strategy.kind === 'LORA' && plan.phases[0]?.groups.every(({ trains }) => trains !== 'LORA'))
			return invalidInput(`${path}.options.targets`, 'None of these layers has a kernel that could be adapted.');
		return { strategy, plan };
	} catch (error) {
		if (error instanceof GraftError && error.code === 'DATA') return invalidInput('head', error.message);
		throw error;
	}
}

/** Refuses settings of head and training that say nothing about the data, the optimizer or the plan. */
export function refuseTraining(
	dataset: Dataset,
	plan: FreezePlan,
	{ head, training, optimizer }: Pick<TrainingSettings, 'head' | 'training' | 'optimizer'>,
): InvalidInput | null {
	if (head.loss !== undefined && dataset.task === 'CLASSIFICATION')
		return invalidInput('head.loss', `${dataset.name} is a classification, whose loss is cross-entropy: leave it out.`);
	return training === undefined ? null : checkTraining(training, { dataset, optimizer, phases: plan.phases.length });
}

/** Everything that a trainer needs for one run. */
export function specOf(
	backbone: Backbone,
	{ dataset, target }: { readonly dataset: Dataset; readonly target: Dataset | null },
	planned: { readonly strategy: Strategy; readonly plan: FreezePlan },
	settings: TrainingSettings,
	seed: number,
): RunSpec {
	const { id, name, architecture, weightsDigest, layerGroups, input } = backbone;
	return {
		version: 1,
		backbone: { id, name, architecture, weightsDigest, layerGroups, input },
		dataset: sourceOf(dataset, input),
		...(target !== null && { target: sourceOf(target, input) }),
		...planned,
		...settings,
		seed,
	};
}

/** What a trainer reads of a dataset. Texts are tokens of the backbone's own tokenizer, and as long as it has them. */
function sourceOf(dataset: Dataset, { shape, tokenizer, maxLength }: Backbone['input']) {
	const { id, name, version, modality, task, classes, splits, uri, format, options, input: own } = dataset;
	const length = own.shape?.at(-1) ?? maxLength;
	const text = { ...own, shape: own.shape ?? shape, tokenizer, maxLength: length };
	const input = modality === 'TEXT' ? text : own;
	return { id, name, version, task, classes, splits, input, uri, format, options };
}
