import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { HALF_SUFFIX } from './entry-file.js';

/** A file that was begun so long ago belongs to a process that died. */
const ABANDONED_MS = 60 * 60 * 1000;

interface Found {
	readonly file: string;
	readonly bytes: number;
	readonly usedAt: number;
}

/**
 * Removes the entries that were not used for the longest time until the rest fits the limit. Several processes may do so
 * at once: a file that is gone already was removed by another, and one that is being read stays readable.
 */
export async function evict(folder: string, maxBytes: number, now: number): Promise<void> {
	const entries: Found[] = [];
	for (const found of await list(folder)) {
		if (!found.file.endsWith(HALF_SUFFIX)) entries.push(found);
		else if (now - found.usedAt > ABANDONED_MS) await rm(found.file, { force: true });
	}
	let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
	for (const { file, bytes } of entries.sort((a, b) => a.usedAt - b.usedAt)) {
		if (total <= maxBytes) return;
		await rm(file, { force: true });
		total -= bytes;
	}
}

async function list(folder: string): Promise<Found[]> {
	const found = await Promise.all(
		(await readdir(folder)).map(async (name): Promise<Found | null> => {
			const file = path.join(folder, name);
			const status = await stat(file).catch(() => null);
			return status === null ? null : { file, bytes: status.size, usedAt: status.mtimeMs };
		}),
	);
	return found.filter((one) => one !== null);
}
