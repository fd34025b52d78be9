import type { Modality } from '../backbone/index.js';

/**
 * One layer of a network, as data: the training engine builds it, the planner counts it, neither repeats it.
 * Shapes leave out the batch dimension: images are height, width, channels, sequences are tokens, features.
 */
export type LayerSpec = LayerKind & {
	readonly name: string;
	/** Names of the layers that it reads, or `input`. Without it the layer reads the one before. */
	readonly inputs?: readonly string[];
};

export type Padding = 'same' | 'valid';

type LayerKind = ImageLayer | SequenceLayer | FeatureLayer;

type ImageLayer =
	| {
			readonly kind: 'conv2d';
			readonly filters: number;
			/** One number for a square kernel, or height and width. */
			readonly kernelSize: number | readonly [height: number, width: number];
			readonly strides: number;
			readonly padding: Padding;
			readonly useBias: boolean;
	  }
	/** One filter a channel. */
	| {
			readonly kind: 'depthwise-conv2d';
			readonly kernelSize: number;
			readonly strides: number;
			readonly padding: Padding;
	  }
	/** Zeros around the image: so many on each side, or what `same` would put before a convolution of this kind. */
	| {
			readonly kind: 'zero-pad';
			readonly padding: number | { readonly kernelSize: number; readonly strides: number };
	  }
	| { readonly kind: 'max-pool'; readonly size: number; readonly strides?: number; readonly padding?: Padding }
	/** The mean of the cells that lie in the image. */
	| { readonly kind: 'average-pool'; readonly size: number; readonly strides: number; readonly padding: Padding }
	| { readonly kind: 'global-pool'; readonly pooling: 'average' | 'max' }
	| { readonly kind: 'flatten' };

/** A text's input has three rows: the tokens' ids, 1 where there is a token and 0 where there is padding, segments. */
type SequenceLayer =
	| {
			readonly kind: 'embedding';
			readonly of: 'tokens' | 'positions' | 'segments';
			readonly entries: number;
			readonly units: number;
	  }
	/** The input's second row. */
	| { readonly kind: 'attention-mask' }
	/**
	 * Scaled dot-product attention; reads queries, keys, values and the mask. `dropout` falls on the attention weights.
	 * `causal`: a token sees itself and what is before it.
	 */
	| { readonly kind: 'attention'; readonly heads: number; readonly dropout: number; readonly causal?: boolean }
	/** The first token's features, which stand for the whole text. */
	| { readonly kind: 'first-token' }
	/** The features of the last token that is no padding; reads the tokens and the mask. */
	| { readonly kind: 'last-token' }
	/**
	 * A score for each entry of the embedding layer `table`, token by token. `tied`: by the rows of that very table; else by a
	 * table of its own, which begins as a copy.
	 */
	| { readonly kind: 'unembedding'; readonly table: string; readonly units: number; readonly tied: boolean };

type FeatureLayer =
	/** Without `scale` there is no gamma. */
	| { readonly kind: 'batch-norm'; readonly epsilon: number; readonly momentum: number; readonly scale?: boolean }
	| { readonly kind: 'layer-norm'; readonly epsilon: number }
	| { readonly kind: 'relu' }
	| { readonly kind: 'relu6' }
	| { readonly kind: 'tanh' }
	| { readonly kind: 'gelu'; readonly approximation: 'none' | 'tanh' }
	| { readonly kind: 'add' }
	/** Along the last axis. */
	| { readonly kind: 'concat' }
	| { readonly kind: 'dropout'; readonly rate: number }
	| { readonly kind: 'dense'; readonly units: number }
	| { readonly kind: 'softmax' }
	/** A stretch of the last axis. */
	| { readonly kind: 'columns'; readonly begin: number; readonly units: number }
	/** Takes a tensor out of a flat vector: how several tensors cross a cut of the network as one. */
	| { readonly kind: 'take'; readonly begin: number; readonly shape: readonly number[] };

export interface Architecture {
	readonly name: string;
	readonly family: string;
	readonly modality: Modality;
	/** Whether `graft backbone pull` knows where pretrained weights are. */
	readonly canDownload: boolean;
	/** Input shape that is used where the data give none. */
	readonly defaultInput: readonly number[];
	/** What the published weights expect of their inputs. */
	readonly preprocessing?: Preprocessing;
	/** Layer groups from stem to top; each is a freeze point. */
	readonly groups: readonly { readonly name: string; readonly layers: readonly LayerSpec[] }[];
	/** The classifier that the published weights have on top; the catalogue has the architecture with it, too. */
	readonly top?: readonly LayerSpec[];
	/** How Hugging Face stores its weights, where it does. */
	readonly huggingFace?: HuggingFaceFormat;
}

/** Layers bear the names of their modules in the Hugging Face model. */
export interface HuggingFaceFormat {
	/** `model_type` in config.json. */
	readonly modelType: string;
	/** What models for a task put before the names: `bert.`. */
	readonly prefix: string;
	/** False where linear layers are stored inputs x outputs as ours are (GPT-2). */
	readonly transposesKernels: boolean;
	/** Beginnings of the names of tensors of tasks and of buffers, which a checkpoint may have besides. */
	readonly besides: readonly string[];
}

/**
 * How pixels of 0 to 255 become inputs: `caffe` is BGR less the ImageNet means, `tf` x / 127.5 - 1, `torch` x / 255
 * standardised by ImageNet's means and deviations (Keras' `imagenet_utils`).
 */
export type Preprocessing = 'caffe' | 'tf' | 'torch';

/**
 * `moving-mean` and `moving-variance` are no gradient's business: they move only when BatchNorm trains its statistics.
 * `gamma` and `beta` are BatchNorm's; LayerNorm has a `scale` and a `bias`.
 */
export type WeightRole =
	| 'kernel'
	| 'bias'
	| 'gamma'
	| 'beta'
	| 'moving-mean'
	| 'moving-variance'
	| 'scale'
	| 'embedding'
	/** Factors of a low-rank update of a kernel (LORA); no architecture has them of itself. */
	| 'lora-a'
	| 'lora-b';

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
	/** Names of the layers that it reads, or `input`. */
	readonly inputs: readonly string[];
	/** Of its first input. */
	readonly inputShape: readonly number[];
	readonly outputShape: readonly number[];
	readonly weights: readonly WeightSpec[];
	/** Multiply-accumulates of one forward pass of one example (convolutions, dense layers and attention; the rest counts 0). */
	readonly macs: number;
}

export interface NetworkSummary {
	readonly layers: readonly LayerSummary[];
	readonly outputShape: readonly number[];
}
