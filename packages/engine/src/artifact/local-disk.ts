import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';

/** Writes chunk after chunk from `offset` on, and has them on the disk when it resolves. */
export async function writeSynced(
	handle: FileHandle,
	offset: number,
	source: AsyncIterable<Uint8Array>,
): Promise<void> {
	let at = offset;
	for await (const chunk of source) {
		for (let done = 0; done < chunk.byteLength; ) {
			const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done, at);
			done += bytesWritten;
			at += bytesWritten;
		}
	}
	await handle.sync();
}

/** A new or renamed file is safe against a power cut only once its directory is on the disk too. */
export async function syncDirectory(directory: string): Promise<void> {
	const handle = await open(directory, 'r');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

export function asStoreError(error: unknown): unknown {
	const code = errorCode(error);
	if (code === 'ENOSPC' || code === 'EDQUOT') {
		const text = "The artifact store's disk is full. Nothing was stored; free some space and upload again.";
		return new GraftError('UNAVAILABLE', text, { code }, { cause: error });
	}
	if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
		const text = 'The artifact store cannot be written: check the owner and the mount of its directory.';
		return new GraftError('UNAVAILABLE', text, { code }, { cause: error });
	}
	return error;
}

export function errorCode(error: unknown): string | null {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/**
 * The key lies beside the files, because the API processes that share the files are those that must accept each other's
 * tickets. Written aside and linked into place: of two processes that start at once, both end with the same whole key.
 */
export async function ticketKey(directory: string): Promise<Buffer> {
	const file = path.join(directory, 'upload-ticket.key');
	const fresh = path.join(directory, 'incoming', `key.${randomBytes(6).toString('hex')}`);
	const handle = await open(fresh, 'wx', 0o600);
	try {
		await handle.writeFile(randomBytes(32));
		await handle.sync();
	} finally {
		await handle.close();
	}
	try {
		await link(fresh, file);
	} catch (error) {
		if (errorCode(error) !== 'EEXIST') throw error;
	} finally {
		await rm(fresh, { force: true });
	}
	return readFile(file);
}
