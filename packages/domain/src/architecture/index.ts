export type { Architecture, LayerSpec, LayerSummary, NetworkSummary, WeightRole, WeightSpec } from './architecture.js';
export { ARCHITECTURES, findArchitecture } from './catalogue.js';
export { type BackboneSummary, HEAD_GROUP, summarizeBackbone, summarizeHead } from './summarize.js';
