import { findArchitecture, summarizeBackbone, summarizeHead } from '@graft/domain/architecture';
import { planFreeze } from '@graft/domain/freeze-plan';
import type { HeadSpec, RunSpec } from '@graft/domain/run';
import { parseStrategy } from '@graft/domain/strategy';
import { inspectDataset } from '@graft/training/dataset';

const head: HeadSpec = { pooling: 'average', hidden: [], dropout: 0 };

/** A run from scratch on a few digits, as the engine writes its spec: tens of milliseconds an epoch. */
export async function smallSpec(epochs: number): Promise<RunSpec> {
	const source = {
		uri: 'builtin:optdigits',
		format: 'csv-image',
		options: { shape: [8, 8, 1], scale: 16, label: 'digit', classes: ['6', '7'] },
	};
	const { version, task, classes, splits, inputShape } = await inspectDataset(source);
	const input = { shape: inputShape, preprocessing: null, tokenizer: null, maxLength: null };
	const architecture = findArchitecture('small-cnn');
	if (architecture === null || inputShape === null || classes === null) throw new Error('small-cnn is gone');
	const { layerGroups, network } = summarizeBackbone(architecture, inputShape);
	const strategy = parseStrategy({ kind: 'FROM_SCRATCH' }, layerGroups, 'strategy');
	if ('message' in strategy) throw new Error(strategy.message);
	return {
		version: 1,
		backbone: { id: 'b', name: 'random', architecture: 'small-cnn', weightsDigest: null, layerGroups, input },
		dataset: { ...source, id: 'd', name: 'six or seven', version, task, classes, splits, input },
		strategy,
		plan: planFreeze({
			strategy,
			layerGroups,
			head: summarizeHead(head, network.outputShape, classes.length).group,
			epochs,
		}),
		head,
		optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
		epochs,
		batchSize: 8,
		seed: 1,
		trainExamplesPerClass: 4,
	};
}
