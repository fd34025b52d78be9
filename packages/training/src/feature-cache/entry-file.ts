import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { newId } from '@graft/runtime/id';
import type { CacheRead } from './feature-cache.js';

/** An entry is the sha256 of its numbers, then the numbers, little-endian as in memory. */
const DIGEST_BYTES = 32;
/** One call of read or write moves less than 2 GiB on Linux. */
const BYTES_AT_ONCE = 1024 ** 3;

export const entryBytes = (values: Float32Array): number => DIGEST_BYTES + values.byteLength;

/** Reads an entry and compares it with its digest. */
export async function readEntry(file: string): Promise<CacheRead> {
	const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => error);
	if (handle instanceof Error) {
		return handle.code === 'ENOENT' ? { kind: 'miss' } : { kind: 'damaged', why: handle.message };
	}
	try {
		const { size } = await handle.stat();
		if (size < DIGEST_BYTES || size % 4 !== 0) return { kind: 'damaged', why: `${size} bytes are no whole entry` };
		const digest = new Uint8Array(DIGEST_BYTES);
		const values = new Float32Array((size - DIGEST_BYTES) / 4);
		await fill(handle, digest, 0);
		await fill(handle, bytesOf(values), DIGEST_BYTES);
		if (Buffer.compare(digest, digestOf(values)) !== 0) return { kind: 'damaged', why: 'its digest does not fit' };
		return { kind: 'hit', values };
	} catch (error) {
		return { kind: 'damaged', why: (error as Error).message };
	} finally {
		await handle.close();
	}
}

/** Writes beside the place and renames: a reader sees a whole entry or none, whoever else writes it. */
export async function writeEntry(file: string, values: Float32Array): Promise<void> {
	const half = `${file}.${newId()}${HALF_SUFFIX}`;
	try {
		const handle = await open(half, 'wx');
		try {
			await handle.write(digestOf(values));
			const bytes = bytesOf(values);
			for (let at = 0; at < bytes.length; ) {
				at += (await handle.write(bytes, at, Math.min(BYTES_AT_ONCE, bytes.length - at))).bytesWritten;
			}
		} finally {
			await handle.close();
		}
		await rename(half, file);
	} catch (error) {
		await rm(half, { force: true });
		throw error;
	}
}

/** Ends the name of a file that is being written. */
export const HALF_SUFFIX = '.part';

async function fill(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
	for (let at = 0; at < bytes.length; ) {
		const length = Math.min(BYTES_AT_ONCE, bytes.length - at);
		const { bytesRead } = await handle.read(bytes, at, length, position + at);
		if (bytesRead === 0) throw new Error('it became shorter while it was read');
		at += bytesRead;
	}
}

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const digestOf = (values: Float32Array) => createHash('sha256').update(bytesOf(values)).digest();
