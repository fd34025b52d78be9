import { transformerEncoder } from './transformer.js';

/** Two blocks over a small vocabulary: trains on a CPU in seconds. */
export const SMALL_TRANSFORMER = transformerEncoder({
	name: 'small-transformer',
	vocabulary: 256,
	positions: 64,
	segments: 2,
	hidden: 32,
	layers: 2,
	heads: 4,
	feedForward: 64,
	dropout: 0,
	defaultLength: 16,
	canDownload: false,
});
