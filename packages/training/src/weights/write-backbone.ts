import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { headOf } from '../safetensors/index.js';
import type { WeightMatch } from './match-weights.js';
import { readFloat32 } from './read-float32.js';

export interface WrittenFile {
	readonly bytes: number;
	/** sha256 in hex. */
	readonly digest: string;
}

export type OnProgress = (doneBytes: number, totalBytes: number) => void;

/** Writes the weights as a backbone's safetensors file, weight by weight. What is not whole is removed. */
export async function writeBackbone(
	to: string,
	architecture: string,
	matches: readonly WeightMatch[],
	onProgress: OnProgress,
): Promise<WrittenFile> {
	const tensors = new Map(matches.map((match) => [`backbone/${match.spec.name}`, { shape: match.spec.shape, match }]));
	const head = headOf(tensors, { architecture });
	const hash = createHash('sha256');
	const handle = await open(to, 'wx');
	try {
		let done = 0;
		const add = async (bytes: Uint8Array) => {
			hash.update(bytes);
			await writeAll(handle, bytes);
			done += bytes.length;
			onProgress(done, head.fileBytes);
		};
		await add(head.bytes);
		for (const [, { match }] of head.ordered) {
			for await (const { buffer, byteOffset, byteLength } of readFloat32(match)) {
				await add(new Uint8Array(buffer, byteOffset, byteLength));
			}
		}
		await handle.close();
		return { bytes: head.fileBytes, digest: hash.digest('hex') };
	} catch (error) {
		await handle.close();
		await rm(to, { force: true });
		throw error;
	}
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
	for (let at = 0; at < bytes.length; at += (await handle.write(bytes, at, bytes.length - at)).bytesWritten);
}
