import type { LayerGroup } from '../backbone/index.js';
import { GraftError } from '../error/index.js';
import type { Activation, HeadSpec } from '../run/run.js';
import type { Architecture, LayerSpec, LayerSummary, NetworkSummary, WeightRole } from './architecture.js';
import { summarizeLayers } from './summarize-layers.js';

/** Name of the head in freeze plans and tensor names, beside the backbone's layer groups. */
export const HEAD_GROUP = 'head';

export interface BackboneSummary {
	readonly network: NetworkSummary;
	/** From stem to top. */
	readonly layerGroups: readonly LayerGroup[];
	readonly parameterCount: number;
}

/** The backbone on inputs of this shape. Throws GraftError DATA where the shape does not suit the architecture. */
export function summarizeBackbone(architecture: Architecture, inputShape: readonly number[]): BackboneSummary {
	if (inputShape.length === 0 || !inputShape.every((size) => Number.isInteger(size) && size > 0)) {
		throw new GraftError(
			'DATA',
			`The input shape ${JSON.stringify(inputShape)} is not a list of whole numbers above 0.`,
		);
	}
	const layers = summarizeLayers(
		architecture.groups.flatMap(({ name: group, layers }) => layers.map((layer) => ({ group, layer }))),
		inputShape,
	);
	const layerGroups = architecture.groups.map(({ name }, index) =>
		summarizeGroup(
			name,
			index,
			layers.filter((layer) => layer.group === name),
		),
	);
	return {
		network: { layers, outputShape: layers.at(-1)?.outputShape ?? inputShape },
		layerGroups,
		parameterCount: layerGroups.reduce((sum, group) => sum + group.parameterCount, 0),
	};
}

export interface HeadSummary {
	readonly network: NetworkSummary;
	readonly group: LayerGroup;
}

/** The head on the backbone's output. `outputs` is one unit a class, or one in all for a regression. */
export const summarizeHead = (head: HeadSpec, featureShape: readonly number[], outputs: number): HeadSummary =>
	summarizeTop(headLayers(head, featureShape.length > 1, outputs), featureShape);

/** These layers as the head on features of this shape. */
export function summarizeTop(top: readonly LayerSpec[], featureShape: readonly number[]): HeadSummary {
	const layers = summarizeLayers(
		top.map((layer) => ({ group: HEAD_GROUP, layer })),
		featureShape,
	);
	const outputShape = layers.at(-1)?.outputShape ?? featureShape;
	return { network: { layers, outputShape }, group: summarizeGroup(HEAD_GROUP, 0, layers) };
}

function headLayers(head: HeadSpec, pool: boolean, outputs: number): LayerSpec[] {
	const layers: LayerSpec[] = [];
	if (pool && head.pooling === 'flatten') layers.push({ kind: 'flatten', name: 'flatten' });
	if (pool && head.pooling !== 'flatten') {
		layers.push({ kind: 'global-pool', name: 'pool', pooling: head.pooling });
	}
	const drop = (name: string, rate: number) => {
		if (rate > 0) layers.push({ kind: 'dropout', name, rate });
	};
	drop('input_dropout', head.inputDropout ?? 0);
	head.hidden.forEach((given, index) => {
		const name = `hidden${index + 1}`;
		const hidden = typeof given === 'number' ? { units: given, activation: 'relu' as const, dropout: 0 } : given;
		layers.push({ kind: 'dense', name, units: hidden.units });
		layers.push(...activationLayers(hidden.activation, name));
		drop(`${name}_dropout`, hidden.dropout);
	});
	drop('dropout', head.dropout);
	layers.push({ kind: 'dense', name: 'logits', units: outputs });
	return layers;
}

function activationLayers(activation: Activation, after: string): LayerSpec[] {
	const name = `${after}_${activation}`;
	switch (activation) {
		case 'linear':
			return [];
		case 'gelu':
			return [{ kind: 'gelu', name, approximation: 'none' }];
		default:
			return [{ kind: activation, name }];
	}
}

const LEARNABLE: readonly WeightRole[] = ['kernel', 'bias', 'gamma', 'beta', 'scale', 'embedding'];

function summarizeGroup(name: string, index: number, layers: readonly LayerSummary[]): LayerGroup {
	const weights = layers.flatMap((layer) => layer.weights);
	const count = (...roles: WeightRole[]) =>
		weights
			.filter((weight) => roles.includes(weight.role))
			.reduce((sum, weight) => sum + weight.shape.reduce((product, size) => product * size, 1), 0);
	return {
		name,
		index,
		layers: layers.map(({ layer }) => layer.name),
		parameterCount: count(...LEARNABLE, 'moving-mean', 'moving-variance'),
		trainableCount: count(...LEARNABLE),
		batchNormCount: count('gamma', 'beta'),
		biasCount: count('bias', 'beta'),
		hasBatchNorm: layers.some(({ layer }) => layer.kind === 'batch-norm'),
		macs: layers.reduce((sum, layer) => sum + layer.macs, 0),
	};
}
