import { GraftError } from '../error/index.js';

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

/** The format's own limit: a longer header is an attack or a broken file. */
const MAX_HEADER_BYTES = 100_000_000;
export const LENGTH_BYTES = 8;

/** Where a tensor is, from the first byte behind the header. */
export interface TensorPlace {
	readonly dtype: Dtype;
	readonly shape: readonly number[];
	readonly begin: number;
	readonly end: number;
}

/** The header of a file of `dataBytes` behind it. @throws GraftError DATA where a tensor's place is none. */
export function parseHeader(
	header: string,
	dataBytes: number,
): { readonly metadata: Record<string, string>; readonly places: ReadonlyMap<string, TensorPlace> } {
	const { __metadata__: metadata = {}, ...entries } = parseJson(header);
	const places = new Map<string, TensorPlace>();
	for (const [name, entry] of Object.entries(entries)) {
		const place = parseEntry(name, entry);
		if (place.end > dataBytes) {
			broken(`Tensor ${name} ends at byte ${place.end}, but the data have ${dataBytes} bytes`, name);
		}
		places.set(name, place);
	}
	checkCover(
		[...places].map(([name, { begin, end }]) => ({ name, begin, end })),
		dataBytes,
	);
	return { metadata: parseMetadata(metadata), places };
}

/**
 * Bytes of the header of a file that begins with `start` and has `fileBytes` in all. @throws GraftError DATA where they are more
 * than are there, or than `limit`.
 */
export function headerLength(start: Uint8Array, fileBytes: number, limit = MAX_HEADER_BYTES): number {
	if (fileBytes < LENGTH_BYTES || start.length < LENGTH_BYTES) {
		broken(`The file has ${fileBytes} bytes, too few for a header`);
	}
	const length = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
	const available = fileBytes - LENGTH_BYTES;
	if (length > BigInt(limit)) broken(`The header claims ${length} bytes; ${limit} are allowed`);
	if (length > BigInt(available)) broken(`The header claims ${length} bytes, but ${available} are there`);
	return Number(length);
}

function parseJson(text: string): Record<string, unknown> {
	let header: unknown;
	try {
		header = JSON.parse(text);
	} catch (cause) {
		throw new GraftError('DATA', 'The safetensors header is not JSON.', {}, { cause });
	}
	if (!isRecord(header)) broken('The header is not an object');
	return header;
}

function parseEntry(name: string, entry: unknown): TensorPlace {
	if (!isRecord(entry)) broken(`The entry of tensor ${name} is not an object`, name);
	const { dtype, shape, data_offsets: offsets } = entry;
	if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype)) {
		broken(`Tensor ${name} has the unknown type ${JSON.stringify(dtype)}`, name);
	}
	if (!isIntegers(shape)) broken(`Tensor ${name} has the shape ${JSON.stringify(shape)}`, name);
	if (!isIntegers(offsets) || offsets.length !== 2) {
		broken(`Tensor ${name} has the offsets ${JSON.stringify(offsets)}`, name);
	}
	const [begin = 0, end = 0] = offsets;
	const expected = shape.reduce((product, size) => product * size, 1) * DTYPE_BYTES[dtype as Dtype];
	if (end - begin !== expected) {
		broken(`Tensor ${name} needs ${expected} bytes for ${dtype} [${shape.join(', ')}] but has ${end - begin}`, name);
	}
	return { dtype: dtype as Dtype, shape, begin, end };
}

function checkCover(ranges: { name: string; begin: number; end: number }[], length: number): void {
	let position = 0;
	for (const { name, begin, end } of ranges.sort((a, b) => a.begin - b.begin || a.end - b.end)) {
		if (begin < position) broken(`Tensor ${name} begins at byte ${begin}, inside another tensor`, name);
		if (begin > position) broken(`Bytes ${position} to ${begin} before tensor ${name} belong to no tensor`, name);
		position = end;
	}
	if (position !== length) broken(`The last ${length - position} bytes belong to no tensor`);
}

function parseMetadata(metadata: unknown): Record<string, string> {
	if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
		broken('The metadata are not an object of texts');
	}
	return metadata as Record<string, string>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isIntegers = (value: unknown): value is number[] =>
	Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

function broken(what: string, tensor?: string): never {
	throw new GraftError('DATA', `${what}: the safetensors file is broken.`, tensor === undefined ? {} : { tensor });
}
