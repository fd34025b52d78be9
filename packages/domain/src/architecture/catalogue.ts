import type { Architecture } from './architecture.js';
import { SMALL_CNN } from './small-cnn.js';

/** Every architecture that the training engine can build. */
export const ARCHITECTURES: readonly Architecture[] = [SMALL_CNN];

export function findArchitecture(name: string): Architecture | null {
	return ARCHITECTURES.find((architecture) => architecture.name === name) ?? null;
}
