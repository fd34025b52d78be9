import type { ArtifactFile, ArtifactStore } from '../contract/artifact-store.js';

/** What an upload request carries: the parts of the address that `beginUpload` gave. */
export interface UploadRequest {
	readonly digest: string;
	readonly bytes: string;
	/** Number and sha256 of the part; both empty: the whole file. */
	readonly part: string;
	readonly sha256: string;
	readonly expires: string;
	readonly signature: string;
}

/** What a request may upload: a file in one piece, or a part of it. */
export interface Admitted {
	readonly file: ArtifactFile;
	readonly part: {
		readonly number: number;
		readonly offset: number;
		readonly bytes: number;
		readonly sha256: string;
	} | null;
}

/** A store whose bytes come and go through the API itself. */
export interface DirectArtifactStore extends ArtifactStore {
	readonly kind: 'direct';
	/** What the request may upload; null where the ticket is forged, altered or too old. */
	admit(request: UploadRequest): Admitted | null;
	/** Takes what was admitted. @throws as `put`. */
	receive(admitted: Admitted, source: AsyncIterable<Uint8Array>): Promise<void>;
}

/** A store that clients reach by themselves, with addresses that the API signs. */
export interface RemoteArtifactStore extends ArtifactStore {
	readonly kind: 'remote';
	/** An address that gives the bytes to anybody for an hour; `disposition` is the Content-Disposition that they come with. */
	downloadUrl(digest: string, disposition: string, method: 'GET' | 'HEAD'): Promise<string>;
}

/** The API serves bytes for the one and sends clients on for the other. */
export type ServedArtifactStore = DirectArtifactStore | RemoteArtifactStore;
