import {
	BackboneByNameDocument,
	DatasetByNameDocument,
	FindExperimentDocument,
	PlanStrategyDocument,
	type RequirementsInput,
	type StrategyInput,
} from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { OWN_MEASURE, outputsOf, type Task } from '@graft/domain/dataset';
import { GraftError } from '@graft/domain/error';
import { directionOf } from '@graft/domain/experiment';
import { needsTarget } from '@graft/domain/strategy';
import { type Command, InvalidArgumentError } from 'commander';
import { accepted } from '../api/accepted.js';
import { parseRequiresFlag } from './parse-requires.js';
import { parseSeeds } from './parse-strategy-flag.js';

/** What a comparison and a sweep have in common. */
export interface LaunchFlags {
	readonly backbone?: string;
	readonly dataset?: string;
	readonly target?: string;
	readonly seeds: readonly number[];
	readonly epochs: number;
	readonly batchSize: number;
	readonly labels?: number;
	readonly priority: number;
	readonly requires?: RequirementsInput;
}

export function addLaunchFlags(command: Command): Command {
	return command
		.option('--backbone <name>', 'backbone to reuse')
		.option('--dataset <name>', 'data to learn')
		.option('--target <name>', 'unlabelled data to adapt to (adabn, deep-coral, mmd, dann) and to be judged on')
		.option('--seeds <seeds>', 'a range 1..5 or a list 1,2,7', parseSeeds, [1, 2, 3])
		.option('--epochs <n>', 'epochs of a run', parsePositive, 20)
		.option('--batch-size <n>', 'examples of a training step', parsePositive, 32)
		.option('--labels <n>', 'labels a class that training may see (default: all)', parsePositive)
		.option('--priority <n>', 'higher runs go first', parseInteger, 0)
		.option(
			'--requires <what>',
			'backend=NAME, memory=16GiB or LABEL=VALUE of the worker; repeatable',
			parseRequiresFlag,
		);
}

export function parsePositive(text: string): number {
	if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1.');
	return Number(text);
}

function parseInteger(text: string): number {
	if (!/^-?\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
	return Number(text);
}

export interface FoundExperiment {
	readonly id: string;
	readonly name: string;
	readonly metric: string;
	readonly direction: 'MAXIMIZE' | 'MINIMIZE';
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function findExperiment(client: GraftClient, nameOrId: string): Promise<FoundExperiment | null> {
	const by = UUID.test(nameOrId) ? { id: nameOrId } : { name: nameOrId };
	return (await client.request(FindExperimentDocument, by)).experiment;
}

/** @throws GraftError CONFIGURATION that says where the names are to be seen. */
export async function requireExperiment(client: GraftClient, nameOrId: string): Promise<FoundExperiment> {
	const found = await findExperiment(client, nameOrId);
	if (found !== null) return found;
	throw new GraftError('CONFIGURATION', `There is no experiment "${nameOrId}". The dashboard lists them all.`);
}

/** What decides where nobody says: the test split's accuracy, how far a regression is off, a language model's perplexity. */
export const decidingMetric = (task: Task, split: 'test' | 'val' = 'test'): string => `${split}_${OWN_MEASURE[task]}`;

/** Where a launch goes: to the experiment of this name, or to a new one, which a refused launch does not leave behind. */
export async function placeOf(client: GraftClient, name: string, metric: string) {
	const found = await findExperiment(client, name);
	if (found !== null) return { experimentId: found.id };
	return { newExperiment: { name, metric, direction: directionOf(metric) } };
}

/**
 * Ids behind the names of backbone and dataset, after a look at whether each strategy can be carried out on them.
 * @throws GraftError CONFIGURATION for a missing flag, an unknown name or a strategy that cannot be.
 */
export async function findSubjects(client: GraftClient, flags: LaunchFlags, strategies: readonly StrategyInput[]) {
	const { backbone: backboneName, dataset: datasetName } = flags;
	if (backboneName === undefined || datasetName === undefined) {
		throw new GraftError('CONFIGURATION', 'A launch needs --backbone NAME and --dataset NAME.');
	}
	const { backbone } = await client.request(BackboneByNameDocument, { name: backboneName });
	if (backbone === null) throw new GraftError('CONFIGURATION', `There is no backbone "${backboneName}".`);
	const { dataset } = await client.request(DatasetByNameDocument, { name: datasetName });
	if (dataset === null) throw new GraftError('CONFIGURATION', `There is no dataset "${datasetName}".`);
	const targetDatasetId = await findTarget(client, flags.target, strategies);
	for (const strategy of strategies) {
		const variables = {
			backboneId: backbone.id,
			// A language model's head has its backbone's own number.
			classes: dataset.task === 'LANGUAGE_MODELING' ? 1 : outputsOf(dataset),
			task: dataset.task,
			epochs: flags.epochs,
			strategy,
		};
		const { freezePlan } = await client.request(PlanStrategyDocument, variables);
		accepted(freezePlan, 'FreezePlan');
	}
	return { backboneId: backbone.id, datasetId: dataset.id, targetDatasetId, task: dataset.task };
}

async function findTarget(
	client: GraftClient,
	name: string | undefined,
	strategies: readonly StrategyInput[],
): Promise<string | null> {
	if (name === undefined) {
		const learner = strategies.find(({ kind }) => needsTarget(kind));
		if (learner === undefined) return null;
		throw new GraftError('CONFIGURATION', `${learner.kind} adapts to unlabelled data: name them with --target NAME.`);
	}
	const { dataset } = await client.request(DatasetByNameDocument, { name });
	if (dataset === null) throw new GraftError('CONFIGURATION', `There is no dataset "${name}".`);
	return dataset.id;
}

export const trainingOf = ({ seeds, epochs, batchSize, labels, priority, requires }: LaunchFlags) => ({
	seeds: [...seeds],
	epochs,
	batchSize,
	trainExamplesPerClass: labels,
	priority,
	requires,
});
