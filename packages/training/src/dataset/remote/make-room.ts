import { readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { newId } from '@graft/runtime/id';
import { HALF_SUFFIX } from '../../feature-cache/entry-file.js';

/** Below the data cache: files as they were fetched. */
export const FETCHED = 'fetched';
/** Archives' content: folders called by the archive's sha256 and their bytes. */
export const UNPACKED = 'unpacked';

/** What was begun so long ago belongs to a process that died. */
const ABANDONED_MS = 60 * 60 * 1000;

interface Kept {
	readonly at: string;
	readonly bytes: number;
	readonly usedAt: number;
}

/** Removes what was not used for the longest time, fetched or unpacked, until the rest fits the limit. */
export async function makeRoom(cacheDir: string, maxBytes: number, now: number): Promise<void> {
	const all = (await Promise.all([FETCHED, UNPACKED].map((name) => list(path.join(cacheDir, name))))).flat();
	const kept: Kept[] = [];
	for (const one of all) {
		if (!one.at.endsWith(HALF_SUFFIX)) kept.push(one);
		else if (now - one.usedAt > ABANDONED_MS) await rm(one.at, { recursive: true, force: true });
	}
	let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
	for (const { at, bytes } of kept.sort((a, b) => a.usedAt - b.usedAt)) {
		if (total <= maxBytes) return;
		await remove(at);
		total -= bytes;
	}
}

/** Out of the way first: a folder that is half removed is none that anybody finds. */
async function remove(at: string): Promise<void> {
	const half = `${at}.${newId()}${HALF_SUFFIX}`;
	// Another process may have been faster.
	await rename(at, half).catch(() => undefined);
	await rm(half, { recursive: true, force: true });
}

async function list(folder: string): Promise<Kept[]> {
	const names = await readdir(folder).catch(() => []);
	const found = await Promise.all(
		names.map(async (name): Promise<Kept | null> => {
			const at = path.join(folder, name);
			const status = await stat(at).catch(() => null);
			if (status === null) return null;
			const bytes = status.isDirectory() ? Number(/-(\d+)$/.exec(name)?.[1] ?? 0) : status.size;
			return { at, bytes, usedAt: status.mtimeMs };
		}),
	);
	return found.filter((one) => one !== null);
}
