import type { Readable } from 'node:stream';
import type { ArtifactStore } from '../contract/artifact-store.js';

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

/** What an upload request carries: the parts of the path that `uploadPath` made. */
export interface UploadRequest {
	readonly digest: string;
	readonly bytes: string;
	readonly expires: string;
	readonly signature: string;
}

/**
 * A store whose bytes come and go through the API itself. An object store with signed URLs would be an ArtifactStore
 * beside it, and nothing but the two routes for bytes would change.
 */
export interface DirectArtifactStore extends ArtifactStore {
	has(digest: string): Promise<boolean>;
	open(digest: string): Promise<OpenedArtifact | null>;
	/** The file that the request may upload; null where the ticket is forged, altered or too old. */
	admit(request: UploadRequest): ArtifactFile | null;
	/**
	 * Stores the bytes when they are what `file` says; else nothing is kept.
	 * @throws GraftError DATA (other size or digest) or UNAVAILABLE (disk full or unwritable).
	 */
	put(file: ArtifactFile, source: AsyncIterable<Uint8Array>): Promise<void>;
}

export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
