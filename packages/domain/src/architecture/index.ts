export type {
	Architecture,
	HuggingFaceFormat,
	LayerSpec,
	LayerSummary,
	NetworkSummary,
	Preprocessing,
	WeightRole,
	WeightSpec,
} from './architecture.js';
export { bert } from './bert.js';
export { ARCHITECTURES, findArchitecture } from './catalogue.js';
export { distilbert } from './distilbert.js';
export { gpt2 } from './gpt2.js';
export { architectureOfConfig, configOfArchitecture } from './hugging-face-config.js';
export { type HuggingFaceTensor, huggingFaceTensor } from './hugging-face-name.js';
export { zerosAround } from './image-layers.js';
export { kerasOrder } from './keras-order.js';
export { TOKEN_ROWS } from './sequence-layers.js';
export { type BackboneSummary, HEAD_GROUP, type HeadSummary, summarizeBackbone, summarizeHead } from './summarize.js';
export { INPUT, summarizeLayers } from './summarize-layers.js';
export {
	isTied,
	languageModel,
	type ModelSummary,
	type ModelTask,
	modelTask,
	notCausal,
	summarizeModel,
} from './summarize-model.js';
export { transformerEncoder } from './transformer.js';
export type { TransformerSize } from './transformer-size.js';
