import type { FloatTensor } from './safetensors.js';

const LENGTH_BYTES = 8;
/** The data begin at a multiple of this, so that a reader may map them in place. */
const ALIGNMENT = 8;

/**
 * The tensors as one safetensors file. Tensors are ordered by name and the header has no optional freedom, so that
 * equal weights give equal bytes and so an equal digest.
 */
export function writeSafetensors(
	tensors: ReadonlyMap<string, FloatTensor>,
	metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
	const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
	const header: Record<string, unknown> = {};
	if (Object.keys(metadata).length > 0) {
		header.__metadata__ = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
	}
	let length = 0;
	for (const [name, { shape, values }] of sorted) {
		header[name] = { dtype: 'F32', shape, data_offsets: [length, length + values.byteLength] };
		length += values.byteLength;
	}
	const text = new TextEncoder().encode(JSON.stringify(header));
	const headerBytes = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
	const file = new Uint8Array(LENGTH_BYTES + headerBytes + length);
	new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
	file.set(text, LENGTH_BYTES);
	file.fill(0x20, LENGTH_BYTES + text.length, LENGTH_BYTES + headerBytes);
	let position = LENGTH_BYTES + headerBytes;
	for (const [, { values }] of sorted) {
		file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), position);
		position += values.byteLength;
	}
	return file;
}
