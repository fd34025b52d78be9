export { float32, readSafetensors } from './read-safetensors.js';
export type { Dtype, FloatTensor, SafetensorsFile, StoredTensor } from './safetensors.js';
export { writeSafetensors } from './write-safetensors.js';
