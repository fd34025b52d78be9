import * as tf from '@tensorflow/tfjs-core';
import { registerWasmKernels } from '../kernels/register-wasm-kernels.js';

const PROCESS_EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Loads the WebAssembly back end and the training kernels that it lacks.
 * Emscripten's start-up code adds process-wide handlers that rethrow every error of the program from inside its own
 * file; they are taken off again, so that errors end where the application handles them.
 */
export async function loadWasm(): Promise<void> {
	const before = PROCESS_EVENTS.map((event) => new Set(process.listeners(event as 'uncaughtException')));
	await import('@tensorflow/tfjs-backend-wasm');
	if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly module could not be started');
	// After the start, which binds the stock kernels that these call.
	registerWasmKernels();
	for (const [index, event] of PROCESS_EVENTS.entries()) {
		for (const listener of process.listeners(event as 'uncaughtException')) {
			if (!before[index]?.has(listener)) process.removeListener(event, listener);
		}
	}
}
