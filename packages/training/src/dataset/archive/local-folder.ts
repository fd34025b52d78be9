import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { newId } from '@graft/runtime/id';
import { HALF_SUFFIX } from '../../feature-cache/entry-file.js';
import type { DatasetPlace } from '../dataset-format.js';
import { localPlace } from '../local-place.js';
import { isRemote } from '../remote/fetch-file.js';
import { makeRoom, UNPACKED } from '../remote/make-room.js';
import { unpackTar } from './unpack-tar.js';
import { unpackZip } from './unpack-zip.js';
import { kindOf, type Unpacking, type Wanted } from './unpacking.js';

export interface LocalFolder {
	readonly folder: string;
	/** What messages call it: the folder, or the address of the archive that it came from. */
	readonly name: string;
	/** The archive's sha256; null where there is none. */
	readonly archive: string | null;
}

/** Folders that mean something by themselves, and are not what the whole was packed with. */
const SPLITS = /^(train|training|validation|val|valid|test)$/;

/**
 * The folder at an address, or what a .zip, .tar or .tar.gz there has in it: unpacked once for each content into the data cache. A single
 * folder that everything in the archive lies in is that folder.
 * @throws GraftError DATA where there is neither, or the archive cannot be trusted or has none of what is wanted.
 */
export async function localFolder(place: DatasetPlace, wanted: Wanted): Promise<LocalFolder> {
	const file = await localPlace(place);
	const { uri, access } = place;
	const found = await stat(file);
	if (found.isDirectory()) return { folder: file, name: file, archive: null };
	const { cacheDir, cacheBytes, onProgress } = access;
	if (cacheDir === null) throw new GraftError('DATA', `There is no folder to unpack ${uri} in.`, { uri });
	const parent = path.join(cacheDir, UNPACKED);
	await mkdir(parent, { recursive: true });
	const digest = await digestOf(file);
	const before = (await readdir(parent)).find((name) => name.startsWith(digest) && !name.endsWith(HALF_SUFFIX));
	if (before !== undefined) {
		await utimes(path.join(parent, before), new Date(), new Date());
		return { folder: await inner(path.join(parent, before)), name: uri, archive: digest };
	}
	const half = path.join(parent, `${newId()}${HALF_SUFFIX}`);
	try {
		await mkdir(half);
		const bytes = await unpack(file, {
			to: half,
			// A fetched archive lies in the same room.
			room: isRemote(uri) ? cacheBytes - found.size : cacheBytes,
			name: uri,
			wanted,
			onProgress: (done, total) => onProgress({ stage: 'unpack', done, total }),
		});
		const folder = path.join(parent, `${digest}-${bytes}`);
		await rename(half, folder).catch((error: NodeJS.ErrnoException) => {
			// Another process was faster, with the same content.
			if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
		});
		await utimes(folder, new Date(), new Date());
		await makeRoom(cacheDir, cacheBytes, Date.now());
		return { folder: await inner(folder), name: uri, archive: digest };
	} catch (error) {
		if (isRemote(uri) && error instanceof GraftError && error.code === 'DATA') await rm(file, { force: true });
		throw error;
	} finally {
		await rm(half, { recursive: true, force: true });
	}
}

async function unpack(file: string, unpacking: Unpacking): Promise<number> {
	const kind = await kindOf(file);
	return kind === 'zip' ? unpackZip(file, unpacking) : unpackTar(file, kind === 'tar.gz', unpacking);
}

async function inner(folder: string): Promise<string> {
	const [only, ...others] = await readdir(folder, { withFileTypes: true });
	if (only === undefined || others.length > 0 || !only.isDirectory() || SPLITS.test(only.name)) return folder;
	return path.join(folder, only.name);
}

async function digestOf(file: string): Promise<string> {
	const hash = createHash('sha256');
	for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
	return hash.digest('hex');
}
