import { findArchitecture, modelTask, summarizeBackbone, summarizeModel } from '@graft/domain/architecture';
import { planFreeze } from '@graft/domain/freeze-plan';
import type { JsonObject } from '@graft/domain/json';
import { parseTraining } from '@graft/domain/recipe';
import type { HeadSpec, OptimizerSpec, RunSpec } from '@graft/domain/run';
import { parseStrategy, type StrategyInput } from '@graft/domain/strategy';
import { type DatasetSource, inspectDataset } from '../dataset/index.js';

/** Keras' defaults. */
export const ADAM: OptimizerSpec = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
export const LINEAR_HEAD: HeadSpec = { pooling: 'average', hidden: [], dropout: 0 };

/** The data set as the platform would hand it to a trainer. */
export async function registered(source: DatasetSource, name: string): Promise<RunSpec['dataset']> {
	const found = await inspectDataset(source);
	const input = { shape: found.inputShape, preprocessing: null, tokenizer: null, maxLength: null };
	const { version, task, classes, splits } = found;
	return { ...source, id: name, name, version, task, classes, splits, input };
}

/** The handwritten digits of these classes. */
export function digits(classes: readonly string[]): Promise<RunSpec['dataset']> {
	const options = { shape: [8, 8, 1], scale: 16, label: 'digit', classes };
	return registered({ uri: 'builtin:optdigits', format: 'csv-image', options }, `digits ${classes.join('')}`);
}

export interface SpecRequest {
	readonly dataset: RunSpec['dataset'];
	readonly target?: RunSpec['dataset'];
	readonly strategy: StrategyInput;
	/** Without it: `small-cnn`. */
	readonly architecture?: string;
	/** The backbone has weights, which the run is given. */
	readonly pretrained?: boolean;
	readonly head?: HeadSpec;
	readonly optimizer?: OptimizerSpec;
	/** As a launch gives it. */
	readonly training?: JsonObject;
	readonly epochs?: number;
	readonly batchSize?: number;
	readonly seed?: number;
	readonly trainExamplesPerClass?: number | null;
}

/** A run's spec as the platform writes it. */
export function runSpec(request: SpecRequest): RunSpec {
	const { dataset, head = LINEAR_HEAD, epochs = 1, pretrained = false } = request;
	const architecture = findArchitecture(request.architecture ?? 'small-cnn');
	if (architecture === null) throw new Error(`there is no ${request.architecture}`);
	const shape = dataset.input.shape ?? architecture.defaultInput;
	const { layerGroups } = summarizeBackbone(architecture, shape);
	const strategy = parseStrategy(request.strategy, layerGroups, 'strategy');
	if (!('options' in strategy)) throw new Error(strategy.message);
	const { body, top } = summarizeModel(architecture, shape, modelTask(dataset), head, strategy);
	const { layers } = body.network;
	const training = request.training && parseTraining(request.training);
	if (training !== undefined && 'field' in training) throw new Error(training.message);
	return {
		version: 1,
		backbone: {
			id: 'backbone',
			name: architecture.name,
			architecture: architecture.name,
			weightsDigest: pretrained ? 'given' : null,
			layerGroups,
			input: dataset.input,
		},
		dataset,
		...(request.target !== undefined && { target: request.target }),
		strategy,
		plan: planFreeze({ strategy, layerGroups, head: top.group, epochs, layers }),
		head,
		optimizer: request.optimizer ?? ADAM,
		...(training !== undefined && { training }),
		epochs,
		batchSize: request.batchSize ?? 32,
		seed: request.seed ?? 0,
		trainExamplesPerClass: request.trainExamplesPerClass ?? null,
	};
}
