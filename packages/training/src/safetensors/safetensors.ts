/** Bytes of one element. */
export const DTYPE_BYTES = {
	F64: 8,
	F32: 4,
	F16: 2,
	BF16: 2,
	I64: 8,
	I32: 4,
	I16: 2,
	I8: 1,
	U64: 8,
	U32: 4,
	U16: 2,
	U8: 1,
	BOOL: 1,
} as const;
export type Dtype = keyof typeof DTYPE_BYTES;

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
