export type Modality = 'IMAGE' | 'TEXT' | 'TABULAR';

/** What one example looks like to the network. `shape` is height, width, channels for images, and rows (ids, mask, segments), tokens for texts. */
export interface InputSpec {
	readonly shape: readonly number[] | null;
	readonly preprocessing: string | null;
	readonly tokenizer: string | null;
	readonly maxLength: number | null;
}

/** A freeze point: neighbouring layers that learn or stay frozen together. Ordered from stem (index 0) to top. */
export interface LayerGroup {
	readonly name: string;
	readonly index: number;
	readonly layers: readonly string[];
	/** All numbers of the group, BatchNorm's moving statistics among them (Keras' "total params"). */
	readonly parameterCount: number;
	/** Numbers that a gradient can move: parameterCount less the moving statistics. */
	readonly trainableCount: number;
	/** BatchNorm's gamma and beta. */
	readonly batchNormCount: number;
	/** What is added and never multiplied: biases of convolutions and dense layers, and BatchNorm's beta. */
	readonly biasCount: number;
	readonly hasBatchNorm: boolean;
	/** Multiply-accumulates of one forward pass of one example. */
	readonly macs: number;
}

/** What is reused: an architecture with weights. Immutable. */
export interface Backbone {
	readonly id: string;
	readonly name: string;
	readonly architecture: string;
	readonly modality: Modality;
	/** sha256 of the weight file, or null for random initialisation. */
	readonly weightsDigest: string | null;
	readonly source: string | null;
	readonly licence: string | null;
	readonly pretrainedOnId: string | null;
	readonly producedById: string | null;
	readonly parameterCount: number;
	readonly layerGroups: readonly LayerGroup[];
	readonly input: InputSpec;
	readonly createdAt: Date;
}
