import { mkdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { entryBytes, readEntry, writeEntry } from './entry-file.js';
import { evict } from './evict.js';
import type { FeatureCache } from './feature-cache.js';

export interface FeatureCacheOptions {
	/** May be shared by several trainers of one machine. */
	readonly folder: string;
	/** Bytes that the entries may take together. */
	readonly maxBytes: number;
	readonly backend: string;
	/** Milliseconds since the epoch: when an entry was used. */
	readonly now?: () => number;
}

/** A cache on disk. It never fails a run: what cannot be read or written is computed. */
export function openFeatureCache({ folder, maxBytes, backend, now = Date.now }: FeatureCacheOptions): FeatureCache {
	const fileOf = (key: string) => path.join(folder, `${key}.f32`);
	// The time of change is the time of use: many file systems do not keep that of access.
	const touch = (file: string) => utimes(file, now() / 1000, now() / 1000).catch(() => undefined);
	return {
		backend,
		read: async (key) => {
			const found = await readEntry(fileOf(key));
			if (found.kind === 'hit') await touch(fileOf(key));
			return found;
		},
		write: async (key, values) => {
			const bytes = entryBytes(values);
			if (bytes > maxBytes) {
				return { kind: 'refused', why: `${bytes} bytes are more than its limit of ${maxBytes}` };
			}
			try {
				await mkdir(folder, { recursive: true });
				await writeEntry(fileOf(key), values);
				await touch(fileOf(key));
				await evict(folder, maxBytes, now());
				return { kind: 'stored' };
			} catch (error) {
				return { kind: 'refused', why: (error as Error).message };
			}
		},
	};
}
