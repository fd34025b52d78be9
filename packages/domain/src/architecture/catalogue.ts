import type { Architecture } from './architecture.js';
import { BERT_BASE } from './bert.js';
import { SMALL_CNN } from './small-cnn.js';
import { SMALL_TRANSFORMER } from './small-transformer.js';

/** Every architecture that the training engine can build. */
export const ARCHITECTURES: readonly Architecture[] = [SMALL_CNN, SMALL_TRANSFORMER, BERT_BASE];

export function findArchitecture(name: string): Architecture | null {
	return ARCHITECTURES.find((architecture) => architecture.name === name) ?? null;
}
