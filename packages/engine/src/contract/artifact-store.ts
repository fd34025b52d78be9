import type { Readable } from 'node:stream';

/** A file by its content: two files with one digest are one file. */
export interface ArtifactFile {
	/** sha256, 64 lower-case hexadecimal digits. */
	readonly digest: string;
	readonly bytes: number;
}

export interface UploadFile extends ArtifactFile {
	/** sha256 of each part of UPLOAD_PART_BYTES; null: the file comes in one piece. */
	readonly partDigests: readonly string[] | null;
}

/** Where one part of a file goes: one PUT of its bytes to `url`, with these headers. It carries its own proof and expires. */
export interface UploadPart {
	/** From 1. */
	readonly number: number;
	readonly offset: number;
	readonly bytes: number;
	/** A path is one below the API's address. */
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
}

export interface OpenedArtifact {
	readonly bytes: number;
	readonly stream: Readable;
}

/**
 * Where the bytes of artifacts are, by their sha256. What the store says it holds has that sha256: bytes come into view when
 * they were checked, never before. The bytes themselves go between clients and the store.
 */
export interface ArtifactStore {
	/** Length of the stored bytes, or null where the store does not hold this digest. */
	size(digest: string): Promise<number | null>;
	/**
	 * The next parts that are missing of a file that the store does not hold, PARTS_AT_A_TIME of them at the most. None: all
	 * are there, and the upload can be finished. What another process has sent of the same file counts.
	 * @throws GraftError UNAVAILABLE.
	 */
	beginUpload(file: UploadFile): Promise<readonly UploadPart[]>;
	/**
	 * Makes the uploaded bytes the file of this digest, if they are; false where parts are missing. Again: the same answer.
	 * @throws GraftError DATA where they have another digest or size, and then nothing of them is left; UNAVAILABLE.
	 */
	finishUpload(file: ArtifactFile): Promise<boolean>;
	/**
	 * Stores bytes that pass through this process when they are what `file` says; else nothing is kept.
	 * @throws GraftError DATA (other size or digest) or UNAVAILABLE (disk full or unwritable, no answer).
	 */
	put(file: ArtifactFile, source: AsyncIterable<Uint8Array>): Promise<void>;
	open(digest: string): Promise<OpenedArtifact | null>;
	/** Gives up the bytes, if they are there. */
	remove(digest: string): Promise<void>;
	/** Digests of all that the store holds and has not got within the last `seconds`. */
	storedLongerThan(seconds: number): AsyncIterable<string>;
	/** Gives up what is left of uploads that nothing was added to within the last `seconds`; answers how many. */
	removeAbandonedUploads(seconds: number): Promise<number>;
	/** @throws GraftError where the store cannot be used, in words for an operator. */
	check(): Promise<void>;
}

/** Addresses that one answer gives out; the next ones are asked for when these have been used. */
export const PARTS_AT_A_TIME = 64;
