import { type FileHandle, open } from 'node:fs/promises';
import { brokenFile, PIECE_BYTES } from './weight-file.js';

/** Reads stretches of one file, piece by piece. */
export interface StretchReader {
	readonly bytes: number;
	/** @throws GraftError DATA where the file ends before. */
	whole(begin: number, end: number): Promise<Uint8Array>;
	pieces(begin: number, end: number): AsyncIterable<Uint8Array>;
	close(): Promise<void>;
}

export async function openStretches(file: string): Promise<StretchReader> {
	const handle = await open(file, 'r');
	const { size } = await handle.stat();
	return {
		bytes: size,
		whole: (begin, end) => readAt(handle, file, begin, end - begin),
		async *pieces(begin, end) {
			for (let at = begin; at < end; at += PIECE_BYTES) {
				yield await readAt(handle, file, at, Math.min(PIECE_BYTES, end - at));
			}
		},
		close: () => handle.close(),
	};
}

async function readAt(handle: FileHandle, file: string, position: number, length: number): Promise<Uint8Array> {
	const bytes = new Uint8Array(length);
	for (let done = 0; done < length; ) {
		const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
		if (bytesRead === 0) throw brokenFile(`The file ends at byte ${position + done}`, file);
		done += bytesRead;
	}
	return bytes;
}
