/**
 * Arrays in PostgreSQL's binary format, as the values of a statement: neither side prints or parses a number, and a double
 * arrives bit for bit. An array has a header of five 32-bit words (dimensions, whether any item is null, type, length, lower bound),
 * then each item with its length in bytes before it, -1 for null; everything is big-endian.
 */
const HEADER_BYTES = 20;
const [BYTEA, INT8, INT4, TEXT, FLOAT8, UUID] = [17, 20, 23, 25, 701, 2950];

type Nullable<T> = readonly (T | null)[];

export const bigints = (values: Nullable<number>): Buffer => fixed(INT8, 8, values, writeBigint);
export const integers = (values: Nullable<number>): Buffer =>
	fixed(INT4, 4, values, (bytes, value, at) => void bytes.writeInt32BE(value, at));
export const doubles = (values: Nullable<number>): Buffer =>
	fixed(FLOAT8, 8, values, (bytes, value, at) => void bytes.writeDoubleBE(value, at));
export const uuids = (values: readonly string[]): Buffer =>
	fixed(UUID, 16, values, (bytes, value, at) => void bytes.write(value.replaceAll('-', ''), at, 16, 'hex'));
export const texts = (values: readonly string[]): Buffer =>
	ofBuffers(
		TEXT,
		values.map((value) => Buffer.from(value)),
	);
export const byteas = (values: readonly Buffer[]): Buffer => ofBuffers(BYTEA, values);

function fixed<T>(
	type: number | undefined,
	size: number,
	values: Nullable<T>,
	write: (bytes: Buffer, value: T, at: number) => void,
): Buffer {
	let nulls = 0;
	for (const value of values) if (value === null) nulls += 1;
	const bytes = Buffer.allocUnsafe(HEADER_BYTES + values.length * 4 + (values.length - nulls) * size);
	let at = writeHeader(bytes, type, values.length, nulls > 0);
	for (const value of values) {
		at = bytes.writeInt32BE(value === null ? -1 : size, at);
		if (value === null) continue;
		write(bytes, value, at);
		at += size;
	}
	return bytes;
}

function ofBuffers(type: number | undefined, values: readonly Buffer[]): Buffer {
	const bytes = Buffer.allocUnsafe(values.reduce((sum, { length }) => sum + 4 + length, HEADER_BYTES));
	let at = writeHeader(bytes, type, values.length, false);
	for (const value of values) {
		at = bytes.writeInt32BE(value.length, at);
		at += value.copy(bytes, at);
	}
	return bytes;
}

function writeHeader(bytes: Buffer, type = 0, length: number, hasNulls: boolean): number {
	let at = bytes.writeInt32BE(1, 0);
	at = bytes.writeInt32BE(hasNulls ? 1 : 0, at);
	at = bytes.writeInt32BE(type, at);
	at = bytes.writeInt32BE(length, at);
	return bytes.writeInt32BE(1, at);
}

/** A whole number of at most 53 bits as an int8; BigInt would cost an allocation each. */
function writeBigint(bytes: Buffer, value: number, at: number): void {
	bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
	bytes.writeUInt32BE(value >>> 0, at + 4);
}
