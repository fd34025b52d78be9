import type { FloatTensor } from './tensors.js';

const LENGTH_BYTES = 8;
/** The data begin at a multiple of this, so that a reader may map them in place. */
const ALIGNMENT = 8;

/** Everything of a file before its data, and the order in which they follow. */
export interface SafetensorsHead<Tensor> {
	/** Length and header. */
	readonly bytes: Uint8Array;
	readonly ordered: readonly (readonly [name: string, tensor: Tensor])[];
	/** Of the whole file. */
	readonly fileBytes: number;
}

/**
 * Tensors are ordered by name and the header has no optional freedom, so that equal weights give equal bytes and so an
 * equal digest.
 */
export function headOf<Tensor extends { readonly shape: readonly number[] }>(
	tensors: ReadonlyMap<string, Tensor>,
	metadata: Readonly<Record<string, string>> = {},
): SafetensorsHead<Tensor> {
	const ordered = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
	const header: Record<string, unknown> = {};
	if (Object.keys(metadata).length > 0) {
		header.__metadata__ = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
	}
	let length = 0;
	for (const [name, { shape }] of ordered) {
		const end = length + 4 * shape.reduce((product, size) => product * size, 1);
		header[name] = { dtype: 'F32', shape, data_offsets: [length, end] };
		length = end;
	}
	const text = new TextEncoder().encode(JSON.stringify(header));
	const headerBytes = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
	const bytes = new Uint8Array(LENGTH_BYTES + headerBytes).fill(0x20);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
	bytes.set(text, LENGTH_BYTES);
	return { bytes, ordered, fileBytes: bytes.length + length };
}

/** The tensors as one safetensors file. */
export function writeSafetensors(
	tensors: ReadonlyMap<string, FloatTensor>,
	metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
	const head = headOf(tensors, metadata);
	const file = new Uint8Array(head.fileBytes);
	file.set(head.bytes);
	let position = head.bytes.length;
	for (const [, { values }] of head.ordered) {
		file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), position);
		position += values.byteLength;
	}
	return file;
}
