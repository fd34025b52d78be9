export { type ImportedWeights, type ImportRequest, importWeights } from './import-weights.js';
