import { GraftError } from '@graft/domain/error';
import type { ArrayHeader } from './number-array.js';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
/** Of NumPy's own making they have 118 bytes. */
const MOST_HEADER_BYTES = 65_536;

/** Bytes of a file's beginning that hold any header. */
export const HEADER_BYTES = MOST_HEADER_BYTES + 12;

/**
 * The header of a .npy file by NumPy's format description, versions 1 to 3. Objects (pickles) are refused: reading them
 * would run whatever they say. @throws GraftError DATA.
 */
export function readNpyHeader(start: Uint8Array, name: string): ArrayHeader {
	const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
	if (bytes.length < 12 || !bytes.subarray(0, 6).equals(MAGIC)) refuse(`${name} is no NumPy array`);
	const major = bytes.readUInt8(6);
	if (major < 1 || major > 3) refuse(`${name} is of version ${major} of NumPy's format; 1 to 3 are known`);
	const begin = major === 1 ? 10 : 12;
	const length = major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
	if (length > MOST_HEADER_BYTES || begin + length > bytes.length)
		refuse(`The header of ${name} is cut off or too long`);
	const header = bytes.toString('latin1', begin, begin + length);
	const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
	const isFortran = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
	const dimensions = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
	if (type === undefined || isFortran === undefined || dimensions === undefined) {
		refuse(`The header of ${name} does not say a plain array: ${header.slice(0, 120).trim()}`);
	}
	if (isFortran === 'True') refuse(`${name} lies column by column: save it by numpy.ascontiguousarray`);
	const shape = dimensions.split(',').flatMap((one) => (one.trim() === '' ? [] : [Number(one)]));
	return { name, type, shape, offset: begin + length };
}

function refuse(what: string): never {
	throw new GraftError('DATA', `${what}.`);
}
