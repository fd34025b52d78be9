import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { type ArtifactFile, type DirectArtifactStore, isDigest, type OpenedArtifact } from './artifact-store.js';
import { readUpload, signUpload } from './upload-ticket.js';

export interface LocalArtifactStoreOptions {
	/** Holds `ab/cdef…` (the digest, split after two digits), `incoming/` and the key of the upload tickets. */
	readonly directory: string;
	readonly now?: () => Date;
}

/** Opens, and makes where there is none, a store on the local disk. Several processes may share its directory. */
export async function openLocalArtifactStore({
	directory,
	now = () => new Date(),
}: LocalArtifactStoreOptions): Promise<DirectArtifactStore> {
	const incoming = path.join(directory, 'incoming');
	await mkdir(incoming, { recursive: true });
	const key = await ticketKey(directory);
	const fileOf = (digest: string): string => path.join(directory, digest.slice(0, 2), digest.slice(2));

	async function size(digest: string): Promise<number | null> {
		if (!isDigest(digest)) return null;
		try {
			return (await stat(fileOf(digest))).size;
		} catch (error) {
			if (errorCode(error) === 'ENOENT') return null;
			throw error;
		}
	}

	async function openArtifact(digest: string): Promise<OpenedArtifact | null> {
		const bytes = await size(digest);
		return bytes === null ? null : { bytes, stream: createReadStream(fileOf(digest)) };
	}

	async function put(file: ArtifactFile, source: AsyncIterable<Uint8Array>): Promise<void> {
		if (!isDigest(file.digest)) throw new GraftError('DATA', `${file.digest} is no sha256 in hexadecimal digits.`);
		const temporary = path.join(incoming, `${file.digest}.${randomBytes(6).toString('hex')}`);
		const target = fileOf(file.digest);
		try {
			await writeChecked(temporary, file, source);
			await mkdir(path.dirname(target), { recursive: true });
			await rename(temporary, target);
			await syncDirectory(path.dirname(target));
		} catch (error) {
			await rm(temporary, { force: true });
			throw asStoreError(error);
		}
	}

	return {
		has: async (digest) => (await size(digest)) !== null,
		size,
		open: openArtifact,
		put,
		remove: async (digest) => {
			if (isDigest(digest)) await rm(fileOf(digest), { force: true });
		},
		storedLongerThan: (seconds) => storedBefore(directory, now().getTime() - seconds * 1000),
		removeAbandonedUploads: (seconds) => removeAbandoned(incoming, now().getTime() - seconds * 1000),
		uploadPath: (file) => signUpload(key, file, now()),
		admit: (request) => readUpload(key, request, now()),
	};
}

/** A file that nothing was added to for so long was left behind by a process that was killed. */
async function removeAbandoned(incoming: string, before: number): Promise<number> {
	let removed = 0;
	for (const name of await readdir(incoming)) {
		const file = path.join(incoming, name);
		const found = await stat(file).catch(() => null);
		if (found === null || found.mtimeMs >= before) continue;
		await rm(file, { force: true });
		removed += 1;
	}
	return removed;
}

/** The files below `ab/`, by their digests. */
async function* storedBefore(directory: string, before: number): AsyncGenerator<string> {
	for (const folder of await readdir(directory)) {
		if (!/^[0-9a-f]{2}$/.test(folder)) continue;
		for (const name of await readdir(path.join(directory, folder))) {
			const found = await stat(path.join(directory, folder, name)).catch(() => null);
			if (found !== null && found.mtimeMs < before && isDigest(folder + name)) yield folder + name;
		}
	}
}

/** Writes and counts while the bytes come in, so that a wrong or endless body is cut off at its announced size. */
async function writeChecked(to: string, file: ArtifactFile, source: AsyncIterable<Uint8Array>): Promise<void> {
	const hash = createHash('sha256');
	let received = 0;
	const handle = await open(to, 'wx', 0o644);
	try {
		for await (const chunk of source) {
			received += chunk.byteLength;
			if (received > file.bytes) throw wrongBytes(file, `more than the announced ${file.bytes} bytes came`);
			hash.update(chunk);
			await writeAll(handle, chunk);
		}
		if (received < file.bytes) throw wrongBytes(file, `${received} of the announced ${file.bytes} bytes came`);
		const digest = hash.digest('hex');
		if (digest !== file.digest) throw wrongBytes(file, `their sha256 is ${digest}`);
		await handle.sync();
	} finally {
		await handle.close();
	}
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
	for (let offset = 0; offset < chunk.byteLength; ) {
		offset += (await handle.write(chunk, offset, chunk.byteLength - offset)).bytesWritten;
	}
}

const wrongBytes = (file: ArtifactFile, found: string): GraftError =>
	new GraftError('DATA', `The bytes are not those of artifact ${file.digest}: ${found}. Nothing was stored.`);

/** A rename is safe against a power cut only once its directory is on the disk too. */
async function syncDirectory(directory: string): Promise<void> {
	const handle = await open(directory, 'r');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

function asStoreError(error: unknown): unknown {
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

function errorCode(error: unknown): string | null {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/**
 * The key lies beside the files, because the API processes that share the files are those that must accept each other's
 * tickets. Written aside and linked into place: of two processes that start at once, both end with the same whole key.
 */
async function ticketKey(directory: string): Promise<Buffer> {
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
