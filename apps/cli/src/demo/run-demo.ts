import {
	BackboneByNameDocument,
	LaunchComparisonDocument,
	type LaunchComparisonInput,
	RegisterBackboneDocument,
	type RunLineFragment,
} from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import { accepted } from '../api/accepted.js';
import { type ComparisonView, readComparison } from '../compare/read-comparison.js';
import { followRuns } from '../follow/follow-runs.js';
import type { RunBoard } from '../follow/run-board.js';
import type { InspectedDataset } from '../platform/inspect-dataset.js';
import { haveDataset, haveRandomBackbone, type Named, newExperiment } from './prepare.js';
import { RECIPE } from './recipe.js';

export interface DemoOptions {
	readonly client: GraftClient;
	/** What the trainer says about the two data sets. */
	readonly source: InspectedDataset;
	readonly target: InspectedDataset;
	readonly onProgress: (title: string, board: RunBoard) => void;
	readonly say: (line: string) => void;
	/** Address of the page of an experiment, for a person. */
	readonly pageOf: (experiment: Named) => string;
	readonly signal: AbortSignal;
}

/** The main job of the platform, on real data: pretrain, register the backbone, compare how much of it should learn. */
export async function runDemo(options: DemoOptions): Promise<ComparisonView> {
	const { client, say, pageOf } = options;
	const source = await haveDataset(client, RECIPE.source, options.source);
	const target = await haveDataset(client, RECIPE.target, options.target);
	say(`Data: ${describe(source, options.source)}; ${describe(target, options.target)}.`);
	const backbone = await havePretrained(options, source);

	const { experiment: name, description, strategies, seeds, ...training } = RECIPE.comparison;
	const experiment = await newExperiment(client, { name, description, metric: RECIPE.metric, direction: 'MAXIMIZE' });
	say(`Experiment "${experiment.name}": ${pageOf(experiment)}`);
	await launchAndFollow(options, experiment, `${strategies.length} strategies, ${seeds.length} seeds each`, {
		...training,
		experimentId: experiment.id,
		backboneIds: [backbone.id],
		datasetIds: [target.id],
		strategies: [...strategies],
		seeds: [...seeds],
	});
	return readComparison(client, experiment.id);
}

/** The backbone that knows the source data: from an earlier demo, else from a tracked run of this one. */
async function havePretrained(options: DemoOptions, source: Named & { readonly version: string }): Promise<Named> {
	const { client, say, pageOf } = options;
	const name = await freeBackboneName(client, source.version);
	if (typeof name !== 'string') {
		say(`Backbone: ${name.name}, pretrained on ${source.name} by an earlier demo.`);
		return name;
	}
	const random = await haveRandomBackbone(client, RECIPE.randomBackbone);
	const { experiment: title, description, strategy, epochs, batchSize, seed } = RECIPE.pretraining;
	const wanted = { name: title, description, metric: RECIPE.metric, direction: 'MAXIMIZE' } as const;
	const experiment = await newExperiment(client, wanted);
	say(`Pretraining: ${pageOf(experiment)}`);
	const [run] = await launchAndFollow(options, experiment, `Pretraining on ${source.name}`, {
		experimentId: experiment.id,
		backboneIds: [random.id],
		datasetIds: [source.id],
		strategies: [strategy],
		seeds: [seed],
		epochs,
		batchSize,
	});
	const { registerBackbone } = await client.request(RegisterBackboneDocument, {
		input: { name, architecture: RECIPE.randomBackbone.architecture, fromRunId: run?.id },
	});
	const { backbone } = accepted(registerBackbone, 'BackboneRegistered');
	say(`Backbone: ${backbone.name}, the result of this pretraining.`);
	return backbone;
}

/** The backbone that an earlier demo made of the same data, else a name that is free. */
async function freeBackboneName(client: GraftClient, version: string): Promise<string | Named> {
	for (const name of [RECIPE.pretrainedBackbone, `${RECIPE.pretrainedBackbone}-${version.slice(0, 8)}`]) {
		const { backbone } = await client.request(BackboneByNameDocument, { name });
		if (backbone === null) return name;
		if (backbone.pretrainedOn?.version === version) return backbone;
	}
	throw new GraftError('CONFIGURATION', `The backbone name ${RECIPE.pretrainedBackbone} is taken by another backbone.`);
}

async function launchAndFollow(
	{ client, onProgress, signal }: DemoOptions,
	experiment: Named,
	title: string,
	input: LaunchComparisonInput,
): Promise<readonly RunLineFragment[]> {
	const { launchComparison } = await client.request(LaunchComparisonDocument, { input });
	const { runs } = accepted(launchComparison, 'ComparisonLaunched');
	const board = await followRuns(client, experiment.id, runs, (next) => onProgress(title, next), signal);
	signal.throwIfAborted();
	const ended = [...board.runs.values()];
	const bad = ended.filter(({ status }) => status !== 'SUCCEEDED');
	if (bad.length === 0) return ended;
	const reasons = new Set(bad.map(({ status, failure }) => failure?.message ?? status.toLowerCase()));
	const message = `${bad.length} of ${ended.length} runs of "${experiment.name}" did not succeed: ${[...reasons].join('; ')}`;
	throw new GraftError('DATA', message, { runs: bad.map(({ id }) => id) });
}

const describe = ({ name }: Named, { splits, classes }: InspectedDataset): string =>
	`${name} (${splits.reduce((sum, { examples }) => sum + examples, 0)} images, ${classes?.length ?? 0} classes)`;
