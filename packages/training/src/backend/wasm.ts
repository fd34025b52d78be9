import { GraftError } from '@graft/domain/error';
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
	refuseWhenFull();
	for (const [index, event] of PROCESS_EVENTS.entries()) {
		for (const listener of process.listeners(event as 'uncaughtException')) {
			if (!before[index]?.has(listener)) process.removeListener(event, listener);
		}
	}
}

interface WasmMemory {
	_malloc: (bytes: number) => number;
	_free: (address: number) => void;
}
/** A larger request would be taken modulo this. */
const ADDRESSABLE_BYTES = 2 ** 32;
const guarded = new WeakSet<WasmMemory>();

/**
 * WebAssembly's memory ends at 4 GiB. The stock back end does not look whether it got the memory that it asked for, and
 * would write the tensor over the beginning of all memory, other tensors' numbers included.
 */
function refuseWhenFull(): void {
	const { wasm } = tf.backend() as unknown as { wasm: WasmMemory };
	if (guarded.has(wasm)) return;
	guarded.add(wasm);
	// Emscripten's stub puts the real function in its own place when it is first called.
	wasm._free(wasm._malloc(1));
	const allocate = wasm._malloc;
	wasm._malloc = (bytes) => {
		const address = bytes < ADDRESSABLE_BYTES ? allocate(bytes) : 0;
		if (address !== 0) return address;
		throw new GraftError('OUT_OF_MEMORY', `WebAssembly has no room for a tensor of ${bytes} bytes.`, { bytes });
	};
}
