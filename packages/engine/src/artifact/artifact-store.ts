import type { Readable } from 'node:stream';

/** A file by its content: two files with one digest are one file. */
export interface ArtifactFile {
	/** sha256, 64 lower-case hexadecimal digits. */
	readonly digest: string;
	readonly bytes: number;
}

export interface OpenedArtifact {
	readonly bytes: number;
	readonly stream: Readable;
}

/**
 * Where the bytes of artifacts lie. The local disk is one implementation; an object store with signed URLs would be
 * another, and nothing but this interface would know.
 */
export interface ArtifactStore {
	has(digest: string): Promise<boolean>;
	/** Bytes of the stored file; null where there is none with this digest. */
	size(digest: string): Promise<number | null>;
	open(digest: string): Promise<OpenedArtifact | null>;
	/**
	 * Stores the bytes when they are what `file` says; else nothing is kept.
	 * @throws GraftError DATA (other size or digest) or UNAVAILABLE (disk full or unwritable).
	 */
	put(file: ArtifactFile, source: AsyncIterable<Uint8Array>): Promise<void>;
	/** Where a client PUTs this file, for a short time: a path on the API, or an absolute URL. */
	uploadPath(file: ArtifactFile): string;
}

/** What an upload request carries: the parts of the path that `uploadPath` made. */
export interface UploadRequest {
	readonly digest: string;
	readonly bytes: string;
	readonly expires: string;
	readonly signature: string;
}

/** A store whose uploads come in through the API itself. */
export interface DirectUploadStore extends ArtifactStore {
	/** The file that the request may upload; null where the ticket is forged, altered or too old. */
	admit(request: UploadRequest): ArtifactFile | null;
}

export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
