// Runs of the demo's kind, without the platform: specs as the engine writes them.
import { findArchitecture, summarizeBackbone, summarizeHead } from '@graft/domain/architecture';
import { planFreeze } from '@graft/domain/freeze-plan';
import { parseStrategy } from '@graft/domain/strategy';
import { inspectDataset } from '../dist/dataset/index.js';
import { trainRun } from '../dist/run/index.js';

const DIGITS = { uri: 'builtin:optdigits', format: 'csv-image' };
const optionsOf = (classes) => ({ shape: [8, 8, 1], scale: 16, label: 'digit', classes });

/** A data set of some of the digits, as it would be registered. */
export async function digits(classes) {
	const options = optionsOf(classes);
	const found = await inspectDataset({ ...DIGITS, options });
	return {
		...DIGITS,
		options,
		id: 'dataset',
		name: `digits ${classes.join('')}`,
		version: found.version,
		task: found.task,
		classes: found.classes,
		splits: found.splits,
		input: { shape: found.inputShape, preprocessing: null, tokenizer: null, maxLength: null },
	};
}

export function specOf({ dataset, strategy, head, epochs, batchSize, seed, perClass = null, pretrained, optimizer }) {
	const architecture = findArchitecture('small-cnn');
	const body = summarizeBackbone(architecture, dataset.input.shape);
	const top = summarizeHead(head, body.network.outputShape, dataset.classes.length);
	const parsed = parseStrategy(strategy, body.layerGroups, 'strategy');
	if (parsed.message) throw new Error(parsed.message);
	return {
		version: 1,
		backbone: {
			id: 'backbone',
			name: 'small-cnn',
			architecture: 'small-cnn',
			weightsDigest: pretrained ? 'given' : null,
			layerGroups: body.layerGroups,
			input: dataset.input,
		},
		dataset,
		strategy: parsed,
		plan: planFreeze({ strategy: parsed, layerGroups: body.layerGroups, head: top.group, epochs }),
		head,
		optimizer: optimizer ?? { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
		epochs,
		batchSize,
		seed,
		trainExamplesPerClass: perClass,
	};
}

export async function run(spec, weights = null, hooks = {}) {
	const nothing = () => {};
	return trainRun({
		spec,
		weights,
		signal: new AbortController().signal,
		hooks: { onMetrics: nothing, onProgress: nothing, onEvent: nothing, onLog: nothing, ...hooks },
	});
}
