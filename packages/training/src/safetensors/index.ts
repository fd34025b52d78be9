export { float32, headerText, readSafetensors } from './read-safetensors.js';
export type { FloatTensor, SafetensorsFile, StoredTensor } from './tensors.js';
export { headOf, writeSafetensors } from './write-safetensors.js';
