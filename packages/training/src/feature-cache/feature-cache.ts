/** What was found under a key. */
export type CacheRead =
	| { readonly kind: 'hit'; readonly values: Float32Array }
	| { readonly kind: 'miss' }
	/** There was something that cannot be used; writing replaces it. */
	| { readonly kind: 'damaged'; readonly why: string };

export type CacheWrite =
	| { readonly kind: 'stored' }
	/** Nothing was stored, and nothing is lost but time: the disk is full, or the numbers are larger than the limit. */
	| { readonly kind: 'refused'; readonly why: string };

/** Activations by the digest of everything that they are a function of. */
export interface FeatureCache {
	/** Name of the back end that computes: two of them agree to about 1e-6, not to the last bit. */
	readonly backend: string;
	read(key: string): Promise<CacheRead>;
	write(key: string, values: Float32Array): Promise<CacheWrite>;
}
