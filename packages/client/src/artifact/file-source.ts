import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { countParts, partRange } from '@graft/domain/artifact';
import { GraftError } from '@graft/domain/error';

/** Bytes that can be asked for from any place, again and again. */
export interface FileSource {
	readonly bytes: number;
	/** Bytes from `offset` on; fewer than `length` at the end only. */
	read(offset: number, length: number): Promise<Uint8Array>;
}

export const bytesSource = (bytes: Uint8Array): FileSource => ({
	bytes: bytes.length,
	read: async (offset, length) => bytes.subarray(offset, offset + length),
});

/** Does the work with a file on disk, of which a part at a time is in memory. */
export async function withFile<T>(file: string, work: (source: FileSource) => Promise<T>): Promise<T> {
	const handle = await open(file, 'r');
	try {
		const { size } = await handle.stat();
		return await work({
			bytes: size,
			read: async (offset, length) => {
				const buffer = new Uint8Array(length);
				let got = 0;
				while (got < length) {
					const { bytesRead } = await handle.read(buffer, got, length - got, offset + got);
					if (bytesRead === 0) throw new GraftError('DATA', `${file} became shorter while it was sent.`, { file });
					got += bytesRead;
				}
				return buffer;
			},
		});
	} finally {
		await handle.close();
	}
}

export interface Described {
	readonly digest: string;
	readonly bytes: number;
	/** Null: the file is one part. */
	readonly partDigests: string[] | null;
}

/** Hashes the whole and its parts, and lets others work between two parts: training goes on meanwhile. */
export async function describeFile(source: FileSource, signal?: AbortSignal): Promise<Described> {
	const whole = createHash('sha256');
	const count = countParts(source.bytes);
	const partDigests: string[] = [];
	for (let number = 1; number <= count; number += 1) {
		signal?.throwIfAborted();
		const { offset, bytes } = partRange(source.bytes, number);
		const part = await source.read(offset, bytes);
		whole.update(part);
		if (count > 1) partDigests.push(createHash('sha256').update(part).digest('hex'));
		await new Promise((resolve) => setImmediate(resolve));
	}
	return { digest: whole.digest('hex'), bytes: source.bytes, partDigests: count > 1 ? partDigests : null };
}
