import type { Dtype } from '@graft/domain/safetensors';

/** One tensor of a file; `bytes` is a view into the file, little-endian, row by row. */
export interface StoredTensor {
	readonly dtype: Dtype;
	readonly shape: readonly number[];
	readonly bytes: Uint8Array;
}

export interface SafetensorsFile {
	readonly metadata: Readonly<Record<string, string>>;
	readonly tensors: ReadonlyMap<string, StoredTensor>;
}

export interface FloatTensor {
	readonly shape: readonly number[];
	readonly values: Float32Array;
}
