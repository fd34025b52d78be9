export { fitWeights, misfitMessage, type WeightMisfit } from './fit-weights.js';
export { DTYPE_BYTES, type Dtype, headerLength, LENGTH_BYTES, parseHeader, type TensorPlace } from './header.js';
