import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { DIGEST, partRange } from '@graft/domain/artifact';
import { GraftError } from '@graft/domain/error';
import {
	type ArtifactFile,
	type OpenedArtifact,
	PARTS_AT_A_TIME,
	type UploadFile,
} from '../contract/artifact-store.js';
import type { DirectArtifactStore } from './artifact-store.js';
import { checkedBytes } from './checked-bytes.js';
import { asStoreError, errorCode, syncDirectory, ticketKey, writeSynced } from './local-disk.js';
import { lastAddedTo, localParts, partName } from './local-parts.js';
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
	const parts = localParts(incoming);
	const fileOf = (digest: string): string => path.join(directory, digest.slice(0, 2), digest.slice(2));

	async function size(digest: string): Promise<number | null> {
		if (!DIGEST.test(digest)) return null;
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

	/** The file comes into view whole and checked, or not at all. */
	async function moveIntoPlace(from: string, digest: string): Promise<void> {
		const target = fileOf(digest);
		await mkdir(path.dirname(target), { recursive: true });
		await rename(from, target);
		await syncDirectory(path.dirname(target));
	}

	async function put(file: ArtifactFile, source: AsyncIterable<Uint8Array>): Promise<void> {
		if (!DIGEST.test(file.digest)) throw new GraftError('DATA', `${file.digest} is no sha256 in hexadecimal digits.`);
		const temporary = path.join(incoming, `${file.digest}.${randomBytes(6).toString('hex')}`);
		const name = `artifact ${file.digest}`;
		try {
			const handle = await open(temporary, 'wx', 0o644);
			try {
				await writeSynced(handle, 0, checkedBytes({ name, bytes: file.bytes, sha256: file.digest }, source));
			} finally {
				await handle.close();
			}
			await moveIntoPlace(temporary, file.digest);
		} catch (error) {
			await rm(temporary, { force: true });
			throw asStoreError(error);
		}
	}

	return {
		kind: 'direct',
		size,
		open: openArtifact,
		put,
		beginUpload: async (file: UploadFile) => {
			const { digest, bytes, partDigests } = file;
			if (partDigests === null || partDigests.length < 2) {
				if ((await size(digest)) !== null) return [];
				return [{ number: 1, offset: 0, bytes, url: signUpload(key, file, null, now()), headers: {} }];
			}
			const present = await parts.present(digest);
			return partDigests
				.map((sha256, index) => ({ number: index + 1, sha256 }))
				.filter((part) => !present.has(partName(part)))
				.slice(0, PARTS_AT_A_TIME)
				.map((part) => ({
					...partRange(bytes, part.number),
					url: signUpload(key, file, part, now()),
					headers: {},
				}));
		},
		finishUpload: async (file) => {
			if ((await size(file.digest)) === null) {
				const assembled = await parts.assembled(file);
				if (assembled === null) return (await size(file.digest)) !== null;
				await moveIntoPlace(assembled, file.digest).catch(async (error: unknown) => {
					if ((await size(file.digest)) === null) throw asStoreError(error);
				});
			}
			await parts.forget(file.digest);
			return true;
		},
		remove: async (digest) => {
			if (DIGEST.test(digest)) await rm(fileOf(digest), { force: true });
		},
		storedLongerThan: (seconds) => storedBefore(directory, now().getTime() - seconds * 1000),
		removeAbandonedUploads: (seconds) => removeAbandoned(incoming, now().getTime() - seconds * 1000),
		check: async () => {
			await access(incoming, constants.W_OK).catch((error: unknown) => {
				throw asStoreError(error);
			});
		},
		admit: (request) => readUpload(key, request, now()),
		receive: async ({ file, part }, source) => {
			if (part === null) return put(file, source);
			await parts.write({ file, part }, source).catch((error: unknown) => {
				throw asStoreError(error);
			});
		},
	};
}

/** What nothing was added to for so long was left behind by a process that was killed. */
async function removeAbandoned(incoming: string, before: number): Promise<number> {
	let removed = 0;
	for (const name of await readdir(incoming)) {
		const entry = path.join(incoming, name);
		const addedAt = await lastAddedTo(entry);
		if (addedAt === null || addedAt >= before) continue;
		await rm(entry, { recursive: true, force: true });
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
			if (found !== null && found.mtimeMs < before && DIGEST.test(folder + name)) yield folder + name;
		}
	}
}
