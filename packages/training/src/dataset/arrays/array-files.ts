import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { GraftError } from '@graft/domain/error';
import { openPromise, type ZipFile } from 'yauzl';
import { type ArrayHeader, type NumberArray, numberArray } from './number-array.js';
import { HEADER_BYTES, readNpyHeader } from './read-npy.js';

/** Bytes that compressed arrays may unpack to: they are held in memory. Plain files may be of any size. */
export const MOST_UNPACKED_BYTES = 1024 ** 3;
const MOST_ENTRIES = 1_000;

const unzip = promisify(gunzip);

type ReadHeader = (start: Uint8Array, name: string) => ArrayHeader;

/** An array of a file that is read where it is wanted, or of a .gz that is unpacked. @throws GraftError DATA. */
export async function openArray(
	file: string,
	readHeader: ReadHeader,
	limit = MOST_UNPACKED_BYTES,
): Promise<NumberArray> {
	const name = path.basename(file);
	if (name.endsWith('.gz')) {
		const bytes = await readFile(file)
			.then((packed) => unzip(packed, { maxOutputLength: limit }))
			.catch((cause: Error) =>
				refuse(`${name} cannot be unpacked to ${limit} bytes at the most: ${cause.message}`, cause),
			);
		return numberArray(readHeader(bytes, name), bytes, bytes.length);
	}
	try {
		const { size } = await stat(file);
		const start = await readStart(file, Math.min(size, HEADER_BYTES));
		return numberArray(readHeader(start, name), file, size);
	} catch (cause) {
		throw cause instanceof GraftError
			? cause
			: refuse(`${name} cannot be read: ${(cause as Error).message}`, cause as Error);
	}
}

/** The arrays of a .npz by their names, unpacked into memory. @throws GraftError DATA, also where they would be too large. */
export async function openArchive(file: string, limit = MOST_UNPACKED_BYTES): Promise<Map<string, NumberArray>> {
	const archive = path.basename(file);
	const arrays = new Map<string, NumberArray>();
	let zip: ZipFile | null = null;
	let left = limit;
	try {
		// The reader refuses names that lead out of the archive, and entries that are longer than they claim.
		zip = await openPromise(file, { strictFileNames: true });
		if (zip.entryCount > MOST_ENTRIES) refuse(`${archive} has ${zip.entryCount} arrays`);
		for await (const entry of zip.eachEntry()) {
			left -= entry.uncompressedSize;
			if (left < 0) refuse(`${archive} would unpack to more than ${limit} bytes: save its arrays as .npy files`);
			const parts: Uint8Array[] = [];
			for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Uint8Array);
			const bytes = Buffer.concat(parts);
			const name = entry.fileName.replace(/\.npy$/, '');
			arrays.set(name, numberArray(readNpyHeader(bytes, `${name} of ${archive}`), bytes, bytes.length));
		}
		return arrays;
	} catch (cause) {
		if (cause instanceof GraftError) throw cause;
		return refuse(`${archive} is no whole .npz archive: ${(cause as Error).message}`, cause as Error);
	} finally {
		zip?.close();
	}
}

async function readStart(file: string, length: number): Promise<Uint8Array> {
	const handle = await open(file);
	try {
		const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
		return buffer.subarray(0, bytesRead);
	} finally {
		await handle.close();
	}
}

function refuse(what: string, cause?: Error): never {
	throw new GraftError('DATA', `${what}.`, {}, { cause });
}
