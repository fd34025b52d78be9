export {
	float32,
	headerLength,
	LENGTH_BYTES,
	parseHeader,
	readSafetensors,
	type TensorPlace,
} from './read-safetensors.js';
export { DTYPE_BYTES, type Dtype, type FloatTensor, type SafetensorsFile, type StoredTensor } from './safetensors.js';
export { headOf, writeSafetensors } from './write-safetensors.js';
