import { INPUT, type LayerSpec, type LayerSummary, type WeightSpec } from '@graft/domain/architecture';

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
	/** Weight of another layer that it reads as its own; left out where it reads none. */
	readonly borrows?: string;
	/** What the product of the layer's two LoRA factors counts; left out where it has none. */
	readonly lowRankScale?: number;
}

/** Name of the table by which an unembedding layer scores tokens, or of which its own begins as a copy. */
export const tableOf = ({ table }: Extract<LayerSpec, { kind: 'unembedding' }>): string =>
	`backbone/${table}/embeddings`;

/** `begin` is what this part of the network has as its input. */
export function networkLayer(
	part: string,
	{ group, layer, inputs, outputShape, weights }: LayerSummary,
	begin: string,
): NetworkLayer {
	const isTied = layer.kind === 'unembedding' && layer.tied;
	return {
		...(isTied && { borrows: tableOf(layer) }),
		name: `${part}/${layer.name}`,
		group,
		layer,
		inputs: inputs.map((name) => (name === INPUT ? begin : `${part}/${name}`)),
		outputShape,
		weights: weights.map((spec) => ({ name: `${part}/${spec.name}`, group, layer, spec })),
	};
}
