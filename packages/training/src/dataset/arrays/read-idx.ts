import { GraftError } from '@graft/domain/error';
import type { ArrayHeader } from './number-array.js';

/** By the third byte of the file; all are big-endian. */
const TYPES: Readonly<Record<number, string>> = { 8: '|u1', 9: '|i1', 11: '>i2', 12: '>i4', 13: '>f4', 14: '>f8' };

/** The header of an IDX file, as MNIST's are: two zeros, the kind, the number of dimensions, their sizes. @throws GraftError DATA. */
export function readIdxHeader(start: Uint8Array, name: string): ArrayHeader {
	const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
	const type = bytes.length >= 4 && bytes.readUInt16BE(0) === 0 ? TYPES[bytes.readUInt8(2)] : undefined;
	const dimensions = type === undefined ? 0 : bytes.readUInt8(3);
	const offset = 4 + 4 * dimensions;
	if (type === undefined || dimensions === 0 || bytes.length < offset) {
		throw new GraftError('DATA', `${name} is no IDX file.`);
	}
	const shape = Array.from({ length: dimensions }, (_, at) => bytes.readUInt32BE(4 + 4 * at));
	return { name, type, shape, offset };
}
