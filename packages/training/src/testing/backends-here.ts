import type { BackendName } from '../backend/index.js';
import { probeNative } from '../backend/native.js';

/** Back ends to test on this machine: WebAssembly, the oracle, and native TensorFlow where it is installed. */
export async function backendsHere(): Promise<BackendName[]> {
	const native = await probeNative('@tensorflow/tfjs-node');
	return ['wasm', 'cpu', ...(native.file === null ? [] : (['tensorflow'] as const))];
}
