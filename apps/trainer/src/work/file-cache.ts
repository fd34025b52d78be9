import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { downloadArtifact, type GraftClient } from '@graft/client/node';
import { newId } from '@graft/runtime/id';

/**
 * A file of a backbone (weights, tokenizer) by its digest, from this machine where they are, else from the API. What is on disk is checked too: a
 * broken copy is fetched anew.
 */
export async function loadFile(
	client: GraftClient,
	digest: string,
	cacheDir: string,
	signal: AbortSignal,
): Promise<Uint8Array> {
	const file = path.join(cacheDir, digest);
	const cached = await readFile(file).catch(() => null);
	if (cached !== null && createHash('sha256').update(cached).digest('hex') === digest) return new Uint8Array(cached);
	const bytes = await downloadArtifact(client, digest, signal);
	const half = `${file}.${newId()}.part`;
	try {
		await mkdir(cacheDir, { recursive: true });
		await writeFile(half, bytes);
		await rename(half, file);
	} catch {
		// A full or read-only disk costs the next run a download, and this one nothing.
		await rm(half, { force: true }).catch(() => undefined);
	}
	return bytes;
}
