import {
	findArchitecture,
	HEAD_GROUP,
	INPUT,
	type LayerSummary,
	modelTask,
	type NetworkSummary,
	summarizeModel,
} from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import { adapterScale, adapterWeights } from '@graft/domain/freeze-plan';
import type { RunSpec } from '@graft/domain/run';
import type { Strategy } from '@graft/domain/strategy';
import { buildDiscriminator } from './discriminator.js';
import { type NetworkLayer, type NetworkWeight, networkLayer } from './network-layer.js';

export type { NetworkLayer, NetworkWeight } from './network-layer.js';

/** Backbone and head as one list of layers, from the input to the logits. */
export interface Network {
	readonly layers: readonly NetworkLayer[];
	readonly weights: readonly NetworkWeight[];
	readonly inputShape: readonly number[];
	/** Units of the last layer. */
	readonly outputs: number;
	/** Tells the domains apart while a run trains (DANN); empty else. */
	readonly discriminator: readonly NetworkLayer[];
}

/** @throws GraftError DATA where the architecture is unknown or does not suit the data. */
export function buildNetwork({
	backbone,
	dataset,
	head,
	strategy,
}: Pick<RunSpec, 'backbone' | 'dataset' | 'head' | 'strategy'>): Network {
	const architecture = findArchitecture(backbone.architecture);
	if (architecture === null) throw new GraftError('DATA', `There is no architecture ${backbone.architecture}.`);
	const inputShape = dataset.input.shape ?? backbone.input.shape ?? architecture.defaultInput;
	const task = modelTask(dataset);
	if (task.outputs === 0 && task.task !== 'LANGUAGE_MODELING')
		throw new GraftError('DATA', `Data set ${dataset.name} has no labels to learn.`);
	const { body, top } = summarizeModel(architecture, inputShape, task, head, strategy);
	return assembleNetwork(body.network, top.network, inputShape, strategy);
}

/** A backbone with a head on it, and with what the strategy adds. */
export function assembleNetwork(
	body: NetworkSummary,
	top: NetworkSummary,
	inputShape: readonly number[],
	strategy: Strategy | null = null,
): Network {
	const backboneLayers = body.layers.map((summary) =>
		adapted(networkLayer('backbone', summary, INPUT), summary, strategy),
	);
	const bodyEnd = backboneLayers.at(-1)?.name ?? INPUT;
	const layers = [...backboneLayers, ...top.layers.map((summary) => networkLayer(HEAD_GROUP, summary, bodyEnd))];
	const outputs = top.outputShape.at(-1) ?? 0;
	const features = top.layers.at(-1)?.inputShape ?? [];
	const discriminator = strategy === null ? [] : buildDiscriminator(strategy, features);
	return { layers, weights: layers.flatMap((layer) => layer.weights), inputShape, outputs, discriminator };
}

/** The layer with the factors of its low-rank update, where the strategy gives it one. */
function adapted(layer: NetworkLayer, summary: LayerSummary, strategy: Strategy | null): NetworkLayer {
	const specs = strategy === null ? [] : adapterWeights(summary, strategy);
	if (strategy === null || specs.length === 0) return layer;
	const factors = specs.map((spec) => ({
		name: `backbone/${spec.name}`,
		group: layer.group,
		layer: layer.layer,
		spec,
	}));
	return { ...layer, weights: [...layer.weights, ...factors], lowRankScale: adapterScale(strategy) };
}
