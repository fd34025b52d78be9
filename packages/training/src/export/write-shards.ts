import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';

/** As TensorFlow.js' own converter cuts them: a browser caches files of this size. */
const SHARD_BYTES = 4 * 2 ** 20;

/** One tensor of a TensorFlow.js model. */
export interface ShardTensor {
	readonly name: string;
	readonly shape: readonly number[];
	readonly values: Float32Array | Int32Array;
}

/** One group of a `weightsManifest`. */
export interface ShardGroup {
	readonly paths: readonly string[];
	readonly weights: readonly {
		readonly name: string;
		readonly shape: readonly number[];
		readonly dtype: 'float32' | 'int32';
	}[];
}

/** Writes the tensors' numbers one after the other into files of 4 MiB, and answers what model.json says of them. */
export async function writeShards(tensors: readonly ShardTensor[], folder: string): Promise<ShardGroup> {
	const total = tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
	const count = Math.max(1, Math.ceil(total / SHARD_BYTES));
	const paths = Array.from({ length: count }, (_, index) => `group1-shard${index + 1}of${count}.bin`);
	let file: FileHandle | null = null;
	let at = 0;
	try {
		for (const { values } of tensors) {
			const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
			for (let from = 0; from < bytes.length; ) {
				if (at % SHARD_BYTES === 0) {
					await file?.close();
					file = await open(path.join(folder, paths[at / SHARD_BYTES] ?? ''), 'w');
				}
				const size = Math.min(bytes.length - from, SHARD_BYTES - (at % SHARD_BYTES));
				await file?.writeFile(bytes.subarray(from, from + size));
				from += size;
				at += size;
			}
		}
	} finally {
		await file?.close();
	}
	const weights = tensors.map(({ name, shape, values }) => {
		return { name, shape, dtype: values instanceof Float32Array ? ('float32' as const) : ('int32' as const) };
	});
	return { paths, weights };
}
