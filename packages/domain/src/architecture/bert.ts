import { transformerEncoder } from './transformer.js';

/** Devlin et al. 2018, the uncased base model. */
export const BERT_BASE = transformerEncoder({
	name: 'bert-base',
	vocabulary: 30_522,
	positions: 512,
	segments: 2,
	hidden: 768,
	layers: 12,
	heads: 12,
	feedForward: 3072,
	dropout: 0.1,
	defaultLength: 128,
	canDownload: false,
});
