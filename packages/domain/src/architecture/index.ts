export type {
	Architecture,
	LayerSpec,
	LayerSummary,
	NetworkSummary,
	Preprocessing,
	WeightRole,
	WeightSpec,
} from './architecture.js';
export { ARCHITECTURES, findArchitecture } from './catalogue.js';
export { type HuggingFaceTensor, huggingFaceTensor } from './hugging-face-name.js';
export { zerosAround } from './image-layers.js';
export { TOKEN_ROWS } from './sequence-layers.js';
export { type BackboneSummary, HEAD_GROUP, summarizeBackbone, summarizeHead } from './summarize.js';
export { INPUT, summarizeLayers } from './summarize-layers.js';
export { type TransformerSize, transformerEncoder } from './transformer.js';
