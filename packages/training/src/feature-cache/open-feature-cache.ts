import { mkdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { entryBytes, openEntry, readEntry, writeEntry } from './entry-file.js';
import { evict } from './evict.js';
import type { CacheStream, FeatureCache } from './feature-cache.js';

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
	const touched = async <Found extends { readonly kind: string }>(key: string, found: Found): Promise<Found> => {
		if (found.kind === 'hit') await touch(fileOf(key));
		return found;
	};
	const stream = async (key: string, length: number, parts: AsyncIterable<Float32Array>): Promise<CacheStream> => {
		const bytes = entryBytes(length);
		if (bytes > maxBytes) return { kind: 'refused', why: `${bytes} bytes are more than its limit of ${maxBytes}` };
		const given = watched(parts);
		try {
			await mkdir(folder, { recursive: true });
			const numbers = await writeEntry(fileOf(key), given.parts);
			await touch(fileOf(key));
			await evict(folder, maxBytes, now());
			return { kind: 'stored', numbers };
		} catch (error) {
			if (given.hasFailed()) throw error;
			return { kind: 'refused', why: (error as Error).message };
		}
	};
	return {
		backend,
		maxBytes,
		read: async (key) => touched(key, await readEntry(fileOf(key))),
		open: async (key) => touched(key, await openEntry(fileOf(key))),
		write: async (key, values) => {
			const written = await stream(key, values.length, one(values));
			if (written.kind === 'refused') return written;
			await written.numbers.close();
			return { kind: 'stored' };
		},
		stream,
	};
}

async function* one(values: Float32Array): AsyncGenerator<Float32Array> {
	yield values;
}

/** Tells who computes from who writes: an error of the one is the run's, one of the other is not. */
function watched(parts: AsyncIterable<Float32Array>) {
	let failed = false;
	async function* through(): AsyncGenerator<Float32Array> {
		try {
			yield* parts;
		} catch (error) {
			failed = true;
			throw error;
		}
	}
	return { parts: through(), hasFailed: () => failed };
}
