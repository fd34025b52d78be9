import { transformerEncoder } from './transformer.js';
import type { TransformerSize } from './transformer-size.js';

/** BERT's two segments: the first text and the second. */
export const bert = (size: TransformerSize) => transformerEncoder({ ...size, segments: 2 });

/** Devlin et al. 2018, the uncased base model. */
export const BERT_BASE = bert({
	name: 'bert-base',
	vocabulary: 30_522,
	positions: 512,
	hidden: 768,
	layers: 12,
	heads: 12,
	feedForward: 3072,
	dropout: 0.1,
	defaultLength: 128,
	canDownload: true,
});
