import { GraftError } from '@graft/domain/error';
import type { Dtype } from '@graft/domain/safetensors';

/** A file of weights, or several that belong together: what is in it, not yet the numbers. */
export interface WeightFile {
	/** What a person calls the format. */
	readonly format: string;
	/**
	 * How names are to be read: `keras` by layer and the position of the variable in it, `hugging-face` as state dicts,
	 * `graft` as our own checkpoints.
	 */
	readonly naming: 'keras' | 'hugging-face' | 'graft';
	readonly tensors: readonly FileTensor[];
	/** config.json of a Hugging Face model. */
	readonly config?: Readonly<Record<string, unknown>>;
	close(): Promise<void>;
}

export interface FileTensor {
	/** For messages: as a person finds it in the file. */
	readonly name: string;
	/** Keras: which layer it belongs to, and the how manieth of its variables it is. */
	readonly layer?: string;
	readonly position?: number;
	readonly shape: readonly number[];
	readonly dtype: Dtype;
	/** Its bytes, little-endian, row by row, in pieces of whole numbers of elements. */
	read(): AsyncIterable<Uint8Array>;
}

/** Bytes that one piece of a tensor has at the most. */
export const PIECE_BYTES = 4 * 2 ** 20;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** A file that cannot be what it should be. */
export function brokenFile(what: string, file: string, cause?: unknown): GraftError {
	return new GraftError('DATA', `${what}: ${file} cannot be imported.`, { file }, { cause });
}
