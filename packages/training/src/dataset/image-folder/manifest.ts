import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BrokenExample } from '@graft/domain/dataset';
import { canonicalJson } from '@graft/domain/json';
import { newId } from '@graft/runtime/id';
import type { SplitName } from '../dataset-spec.js';

/** One image of a data set. */
export interface ManifestEntry {
	readonly path: string;
	readonly bytes: number;
	readonly sha256: string;
	readonly width: number;
	readonly height: number;
	readonly label: number | null;
	readonly split: SplitName;
}

/** Everything that a data set of images is, but for the images; in the order of its examples. */
export interface Manifest {
	readonly classes: readonly string[] | null;
	readonly entries: readonly ManifestEntry[];
	/** What was left out. */
	readonly broken: readonly BrokenExample[];
}

/** sha256 over path, bytes, digest, class and split of each image. */
export function digestManifest({ classes, entries }: Manifest): string {
	const hash = createHash('sha256').update(canonicalJson(classes));
	for (const { path: name, bytes, sha256, label, split } of entries) {
		hash.update(`\n${canonicalJson([name, bytes, sha256, label, split])}`);
	}
	return hash.digest('hex');
}

/** The manifest that was worked out here before for a version, or for a version and an archive; null where there is none, or not this one. */
export async function readManifest(
	cacheDir: string,
	key: string,
	isThis: (manifest: Manifest) => boolean,
): Promise<Manifest | null> {
	try {
		const manifest = JSON.parse(await readFile(fileOf(cacheDir, key), 'utf8')) as Manifest;
		return isThis(manifest) ? manifest : null;
	} catch {
		return null;
	}
}

/** Keeps it for the next run; written beside its place and renamed. A disk that is full costs only time. */
export async function keepManifest(cacheDir: string, key: string, manifest: Manifest): Promise<void> {
	const file = fileOf(cacheDir, key);
	const half = `${file}.${newId()}.part`;
	try {
		await mkdir(path.dirname(file), { recursive: true });
		await writeFile(half, JSON.stringify(manifest));
		await rename(half, file);
	} catch {
		// Looked at anew next time.
	}
}

const fileOf = (cacheDir: string, key: string) => path.join(cacheDir, 'manifests', `${key}.json`);
