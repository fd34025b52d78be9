import type { Modality } from '../backbone/index.js';

/**
 * One layer of a network, as data: the training engine builds it, the planner counts it, neither repeats it.
 * Shapes leave out the batch dimension; images are height, width, channels.
 */
export type LayerSpec =
	| {
			readonly kind: 'conv2d';
			readonly name: string;
			readonly filters: number;
			readonly kernelSize: number;
			readonly strides: number;
			readonly padding: 'same' | 'valid';
			readonly useBias: boolean;
	  }
	| { readonly kind: 'batch-norm'; readonly name: string; readonly epsilon: number; readonly momentum: number }
	| { readonly kind: 'relu'; readonly name: string }
	| { readonly kind: 'max-pool'; readonly name: string; readonly size: number }
	| { readonly kind: 'global-pool'; readonly name: string; readonly pooling: 'average' | 'max' }
	| { readonly kind: 'flatten'; readonly name: string }
	| { readonly kind: 'dropout'; readonly name: string; readonly rate: number }
	| { readonly kind: 'dense'; readonly name: string; readonly units: number };

export interface Architecture {
	readonly name: string;
	readonly family: string;
	readonly modality: Modality;
	/** Whether `graft backbone pull` knows where pretrained weights are. */
	readonly canDownload: boolean;
	/** Input shape that is used where the data give none. */
	readonly defaultInput: readonly number[];
	/** Layer groups from stem to top; each is a freeze point. */
	readonly groups: readonly { readonly name: string; readonly layers: readonly LayerSpec[] }[];
}

/** `moving-mean` and `moving-variance` are no gradient's business: they move only when BatchNorm trains its statistics. */
export type WeightRole = 'kernel' | 'bias' | 'gamma' | 'beta' | 'moving-mean' | 'moving-variance';

export interface WeightSpec {
	/** `<layer>/<variable>` with Keras' variable names, such as `block1_conv/kernel`. */
	readonly name: string;
	readonly role: WeightRole;
	readonly shape: readonly number[];
	/** Inputs that feed one output: for the initialisers. */
	readonly fanIn: number;
	readonly fanOut: number;
}

export interface LayerSummary {
	readonly group: string;
	readonly layer: LayerSpec;
	readonly inputShape: readonly number[];
	readonly outputShape: readonly number[];
	readonly weights: readonly WeightSpec[];
	/** Multiply-accumulates of one forward pass of one example (convolutions and dense layers; the rest counts 0). */
	readonly macs: number;
}

export interface NetworkSummary {
	readonly layers: readonly LayerSummary[];
	readonly outputShape: readonly number[];
}
