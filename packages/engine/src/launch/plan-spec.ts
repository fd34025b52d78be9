import { findArchitecture, type ModelTask, modelTask, summarizeModel } from '@graft/domain/architecture';
import type { Backbone } from '@graft/domain/backbone';
import { type Dataset, TASK_NAMES } from '@graft/domain/dataset';
import { GraftError, type InvalidInput, invalidInput } from '@graft/domain/error';
import { checkEpochs, type FreezePlan, planFreeze } from '@graft/domain/freeze-plan';
import { checkTraining, freshInputs, type TrainingSpec } from '@graft/domain/recipe';
import type { HeadSpec, OptimizerSpec, RunSpec } from '@graft/domain/run';
import { parseStrategy, type Strategy, type StrategyInput } from '@graft/domain/strategy';
import { DEFAULT_HEAD } from './parse-head.js';
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
export interface PlannedOn extends ModelTask {
	/** Of the data, where they say one; null is the backbone's own. */
	readonly inputShape: readonly number[] | null;
}

export const plannedOn = (dataset: Dataset): PlannedOn => ({
	...modelTask(dataset),
	inputShape: dataset.input.shape,
});

/** Strategy and plan of one backbone for so many outputs, or why the strategy cannot be carried out on it. */
export function planStrategy(
	backbone: Backbone,
	input: StrategyInput,
	path: string,
	{
		task,
		outputs,
		inputShape,
		head,
		epochs,
		training,
	}: PlannedOn & Pick<TrainingSettings, 'head' | 'epochs' | 'training'>,
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
		const { body, top } = summarizeModel(architecture, shape, { task, outputs }, head, strategy);
		const { layerGroups, network } = body;
		const { layers } = network;
		const fresh = freshInputs(training);
		const plan = planFreeze({ strategy, layerGroups, head: top.group, epochs, layers, freshInputs: fresh });
		if (plan.phases.some(({ trainableParameters }) => trainableParameters === 0))
			return invalidInput(
				`${path}.kind`,
				`${strategy.kind} would train nothing: the head is the embeddings, which it freezes. Give the head a table of its own (head.tied: false).`,
			);
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
	const { name, task } = dataset;
	if (head.loss !== undefined && task !== 'REGRESSION')
		return invalidInput('head.loss', `${name} is for ${TASK_NAMES[task]}, whose loss is cross-entropy: leave it out.`);
	const unsuited = refuseHead(head, task, name);
	if (unsuited !== null) return unsuited;
	return training === undefined ? null : checkTraining(training, { dataset, optimizer, phases: plan.phases.length });
}

/** A language model's head scores tokens and has no other layers; all other heads borrow nothing. */
function refuseHead(head: HeadSpec, task: Dataset['task'], name: string): InvalidInput | null {
	const what = `${name} is for ${TASK_NAMES[task]}`;
	if (task !== 'LANGUAGE_MODELING') {
		return head.tied === undefined ? null : invalidInput('head.tied', `${what}: only a language model's head is tied.`);
	}
	const { pooling, hidden, dropout } = DEFAULT_HEAD;
	if (head.pooling === pooling && head.hidden.length === hidden.length && head.dropout === dropout) return null;
	return invalidInput('head', `${what}: its head is tied or a table of its own (head.tied), and has no other layers.`);
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
