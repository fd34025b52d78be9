import {
	findArchitecture,
	HEAD_GROUP,
	INPUT,
	type LayerSpec,
	type LayerSummary,
	type NetworkSummary,
	summarizeBackbone,
	summarizeHead,
	type WeightSpec,
} from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';

export interface NetworkWeight {
	/** Name in checkpoints: `backbone/<layer>/<variable>` or `head/<layer>/<variable>`. */
	readonly name: string;
	readonly group: string;
	readonly layer: LayerSpec;
	readonly spec: WeightSpec;
}

export interface NetworkLayer {
	/** `backbone/<layer>` or `head/<layer>`: unique in the network. */
	readonly name: string;
	readonly group: string;
	readonly layer: LayerSpec;
	/** Names of the layers that it reads, or `input`. Each stands before it in the network. */
	readonly inputs: readonly string[];
	readonly outputShape: readonly number[];
	readonly weights: readonly NetworkWeight[];
}

/** Backbone and head as one list of layers, from the input to the logits. */
export interface Network {
	readonly layers: readonly NetworkLayer[];
	readonly weights: readonly NetworkWeight[];
	readonly inputShape: readonly number[];
	readonly outputs: number;
}

/** @throws GraftError DATA where the architecture is unknown or does not suit the data. */
export function buildNetwork({ backbone, dataset, head }: Pick<RunSpec, 'backbone' | 'dataset' | 'head'>): Network {
	const architecture = findArchitecture(backbone.architecture);
	if (architecture === null) throw new GraftError('DATA', `There is no architecture ${backbone.architecture}.`);
	const inputShape = dataset.input.shape ?? backbone.input.shape ?? architecture.defaultInput;
	const outputs = dataset.task === 'REGRESSION' ? 1 : dataset.classes?.length;
	if (outputs === undefined) throw new GraftError('DATA', `Data set ${dataset.name} has no classes.`);
	const body = summarizeBackbone(architecture, inputShape).network;
	return assembleNetwork(body, summarizeHead(head, body.outputShape, outputs).network, inputShape);
}

/** A backbone with a head on it. */
export function assembleNetwork(body: NetworkSummary, top: NetworkSummary, inputShape: readonly number[]): Network {
	const backboneLayers = body.layers.map((summary) => networkLayer('backbone', summary, INPUT));
	const features = backboneLayers.at(-1)?.name ?? INPUT;
	const layers = [...backboneLayers, ...top.layers.map((summary) => networkLayer(HEAD_GROUP, summary, features))];
	const outputs = top.outputShape[0] ?? 0;
	return { layers, weights: layers.flatMap((layer) => layer.weights), inputShape, outputs };
}

/** `begin` is what this part of the network has as its input. */
function networkLayer(
	part: string,
	{ group, layer, inputs, outputShape, weights }: LayerSummary,
	begin: string,
): NetworkLayer {
	return {
		name: `${part}/${layer.name}`,
		group,
		layer,
		inputs: inputs.map((name) => (name === INPUT ? begin : `${part}/${name}`)),
		outputShape,
		weights: weights.map((spec) => ({ name: `${part}/${spec.name}`, group, layer, spec })),
	};
}
