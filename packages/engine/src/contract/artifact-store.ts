/**
 * Where the bytes of artifacts are, by their sha256. The engine asks only these few things; how bytes come in and go
 * out is between the store and the API's upload and download routes.
 */
export interface ArtifactStore {
	/** Length of the stored bytes, or null where the store does not hold this digest. */
	size(digest: string): Promise<number | null>;
	/** Path below the API's address that takes one PUT of exactly these bytes. It carries its own proof and expires. */
	uploadPath(upload: { readonly digest: string; readonly bytes: number }): string;
	/** Gives up the bytes, if they are there. */
	remove(digest: string): Promise<void>;
	/** Digests of all that the store holds and has not got within the last `seconds`. */
	storedLongerThan(seconds: number): AsyncIterable<string>;
	/** Gives up what is left of uploads that nothing was added to within the last `seconds`; answers how many. */
	removeAbandonedUploads(seconds: number): Promise<number>;
}
