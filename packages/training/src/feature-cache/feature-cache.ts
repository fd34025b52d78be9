interface Miss {
	readonly kind: 'miss';
}
/** There was something that cannot be used; writing replaces it. */
interface Damaged {
	readonly kind: 'damaged';
	readonly why: string;
}
/** Nothing was stored, and nothing is lost but time: the disk is full, or the numbers are larger than the limit. */
interface Refused {
	readonly kind: 'refused';
	readonly why: string;
}

/** The numbers of an entry, on disk. They stay readable until they are closed, even if the entry is removed meanwhile. */
export interface KeptNumbers {
	readonly length: number;
	/** Fills `into` with the numbers from position `at` on. */
	read(into: Float32Array, at: number): Promise<void>;
	close(): Promise<void>;
}

/** What was found under a key. */
export type CacheRead = { readonly kind: 'hit'; readonly values: Float32Array } | Miss | Damaged;
export type CacheOpen = { readonly kind: 'hit'; readonly numbers: KeptNumbers } | Miss | Damaged;
export type CacheWrite = { readonly kind: 'stored' } | Refused;
export type CacheStream = { readonly kind: 'stored'; readonly numbers: KeptNumbers } | Refused;

/** Activations by the digest of everything that they are a function of. */
export interface FeatureCache {
	/** Name of the back end that computes: two of them agree to about 1e-6, not to the last bit. */
	readonly backend: string;
	/** Bytes that the entries may take together. */
	readonly maxBytes: number;
	read(key: string): Promise<CacheRead>;
	write(key: string, values: Float32Array): Promise<CacheWrite>;
	/** As `read`, but the numbers stay on disk: for what is larger than memory. */
	open(key: string): Promise<CacheOpen>;
	/** As `write`, of numbers that come piece by piece, `length` of them together. What they throw is thrown. */
	stream(key: string, length: number, parts: AsyncIterable<Float32Array>): Promise<CacheStream>;
}
