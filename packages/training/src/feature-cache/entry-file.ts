import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { newId } from '@graft/runtime/id';
import type { CacheOpen, CacheRead, KeptNumbers } from './feature-cache.js';

/** An entry is the sha256 of its numbers, then the numbers, little-endian as in memory. */
const DIGEST_BYTES = 32;
/** One call of read or write moves less than 2 GiB on Linux. */
const BYTES_AT_ONCE = 1024 ** 3;
/** What a comparison of an entry with its digest holds in memory. */
const BYTES_TO_COMPARE = 4 * 1024 ** 2;

export const entryBytes = (numbers: number): number => DIGEST_BYTES + 4 * numbers;

/** Reads an entry and compares it with its digest. */
export async function readEntry(file: string): Promise<CacheRead> {
	const found = await opened(file, async (handle, length) => {
		const values = new Float32Array(length);
		await fill(handle, bytesOf(values), DIGEST_BYTES);
		await compare(handle, createHash('sha256').update(bytesOf(values)).digest());
		return values;
	});
	if (found.kind !== 'hit') return found;
	await found.handle.close();
	return { kind: 'hit', values: found.result };
}

/** Compares an entry with its digest, piece by piece, and leaves its numbers where they are. */
export async function openEntry(file: string): Promise<CacheOpen> {
	const found = await opened(file, async (handle, length) => {
		const hash = createHash('sha256');
		const piece = new Uint8Array(Math.min(BYTES_TO_COMPARE, 4 * length));
		for (let at = 0; at < 4 * length; at += piece.length) {
			const bytes = piece.subarray(0, Math.min(piece.length, 4 * length - at));
			await fill(handle, bytes, DIGEST_BYTES + at);
			hash.update(bytes);
		}
		await compare(handle, hash.digest());
		return length;
	});
	return found.kind === 'hit' ? { kind: 'hit', numbers: numbersIn(found.handle, found.result) } : found;
}

/**
 * Writes beside the place and renames: a reader sees a whole entry or none, whoever else writes it. The numbers come back
 * as they lie on disk, where they stay readable until they are closed, even if the entry is removed.
 */
export async function writeEntry(
	file: string,
	parts: Iterable<Float32Array> | AsyncIterable<Float32Array>,
): Promise<KeptNumbers> {
	const half = `${file}.${newId()}${HALF_SUFFIX}`;
	const handle = await open(half, 'wx+');
	try {
		const hash = createHash('sha256');
		let end = DIGEST_BYTES;
		for await (const part of parts) {
			const bytes = bytesOf(part);
			hash.update(bytes);
			await write(handle, bytes, end);
			end += bytes.length;
		}
		await write(handle, hash.digest(), 0);
		await rename(half, file);
		return numbersIn(handle, (end - DIGEST_BYTES) / 4);
	} catch (error) {
		await handle.close();
		await rm(half, { force: true });
		throw error;
	}
}

/** Ends the name of a file that is being written. */
export const HALF_SUFFIX = '.part';

type Opened<T> = { readonly kind: 'hit'; readonly handle: FileHandle; readonly result: T };

/** Opens an entry and looks at it; `look` is given how many numbers it claims to hold. Closed unless it is a hit. */
async function opened<T>(
	file: string,
	look: (handle: FileHandle, length: number) => Promise<T>,
): Promise<Opened<T> | Exclude<CacheOpen, { kind: 'hit' }>> {
	const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => error);
	if (handle instanceof Error) {
		return handle.code === 'ENOENT' ? { kind: 'miss' } : { kind: 'damaged', why: handle.message };
	}
	try {
		const { size } = await handle.stat();
		if (size < DIGEST_BYTES || size % 4 !== 0) throw new Error(`${size} bytes are no whole entry`);
		return { kind: 'hit', handle, result: await look(handle, (size - DIGEST_BYTES) / 4) };
	} catch (error) {
		await handle.close();
		return { kind: 'damaged', why: (error as Error).message };
	}
}

function numbersIn(handle: FileHandle, length: number): KeptNumbers {
	return {
		length,
		read: (into, at) => fill(handle, bytesOf(into), DIGEST_BYTES + 4 * at),
		close: () => handle.close(),
	};
}

async function compare(handle: FileHandle, digest: Uint8Array): Promise<void> {
	const claimed = new Uint8Array(DIGEST_BYTES);
	await fill(handle, claimed, 0);
	if (Buffer.compare(claimed, digest) !== 0) throw new Error('its digest does not fit');
}

async function fill(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
	for (let at = 0; at < bytes.length; ) {
		const length = Math.min(BYTES_AT_ONCE, bytes.length - at);
		const { bytesRead } = await handle.read(bytes, at, length, position + at);
		if (bytesRead === 0) throw new Error('it became shorter while it was read');
		at += bytesRead;
	}
}

async function write(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
	for (let at = 0; at < bytes.length; ) {
		const length = Math.min(BYTES_AT_ONCE, bytes.length - at);
		at += (await handle.write(bytes, at, length, position + at)).bytesWritten;
	}
}

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
