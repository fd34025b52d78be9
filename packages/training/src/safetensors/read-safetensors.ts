import { GraftError } from '@graft/domain/error';
import { DTYPE_BYTES, headerLength, LENGTH_BYTES, parseHeader } from '@graft/domain/safetensors';
import type { FloatTensor, SafetensorsFile, StoredTensor } from './tensors.js';

/**
 * Reads a safetensors file, strictly: every byte of the data belongs to exactly one tensor.
 * @throws GraftError DATA that names the tensor and what is wrong with it.
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
	const end = LENGTH_BYTES + headerLength(bytes, bytes.length);
	const { metadata, places } = parseHeader(headerText(bytes.subarray(LENGTH_BYTES, end)), bytes.length - end);
	const data = bytes.subarray(end);
	const tensors = new Map<string, StoredTensor>();
	for (const [name, { dtype, shape, begin, end: last }] of places) {
		tensors.set(name, { dtype, shape, bytes: data.subarray(begin, last) });
	}
	return { metadata, tensors };
}

/** The tensor's values as numbers of their own memory. @throws GraftError DATA for any type but F32. */
export function float32(name: string, tensor: StoredTensor): FloatTensor {
	if (tensor.dtype !== 'F32') {
		const what = `Tensor ${name} is ${tensor.dtype}; only F32 weights are read`;
		throw new GraftError('DATA', `${what}: the safetensors file is broken.`, { tensor: name });
	}
	// Not slice(): a Buffer's shares its memory, and Node hands out small Buffers from the middle of a pool.
	const copy = new Uint8Array(tensor.bytes);
	return { shape: tensor.shape, values: new Float32Array(copy.buffer, 0, copy.length / DTYPE_BYTES.F32) };
}

/** @throws GraftError DATA where the bytes are no text. */
export function headerText(bytes: Uint8Array): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch (cause) {
		throw new GraftError('DATA', 'The safetensors header is not JSON.', {}, { cause });
	}
}
