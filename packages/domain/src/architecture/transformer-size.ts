/** A Transformer's sizes: all that tells one model of a family from another. */
export interface TransformerSize {
	readonly name: string;
	readonly vocabulary: number;
	/** Longest text in tokens. */
	readonly positions: number;
	readonly hidden: number;
	readonly layers: number;
	readonly heads: number;
	readonly feedForward: number;
	readonly dropout: number;
	readonly defaultLength: number;
	readonly canDownload: boolean;
}

/** What all families call the mask that attention reads. */
export const MASK = 'attention_mask';
