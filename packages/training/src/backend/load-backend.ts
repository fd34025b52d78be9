import { arch, cpus } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { registerGradients } from '../gradients/register-gradients.js';
import type { BackendName } from './backend.js';
import { loadNative, probeNative } from './native.js';
import { loadWasm } from './wasm.js';

export interface LoadedBackend {
	readonly loaded: boolean;
	readonly reason: string;
	readonly device: string;
}

const processor = () => cpus()[0]?.model.trim() || arch();

/** Makes the back end this process' own where it works here; says why not where it does not. Never throws. */
export async function loadBackend(name: BackendName): Promise<LoadedBackend> {
	// Leaves out the shape checks of each call and the advice to install tfjs-node, which would end up in the log.
	tf.enableProdMode();
	try {
		const loaded = await loaders[name]();
		if (loaded.loaded) registerGradients();
		return loaded;
	} catch (error) {
		return { loaded: false, reason: error instanceof Error ? error.message : String(error), device: '' };
	}
}

const loaders: Record<BackendName, () => Promise<LoadedBackend>> = {
	'tensorflow-gpu': async () => {
		const probe = await probeNative('@tensorflow/tfjs-node-gpu');
		if (probe.file === null) return { loaded: false, reason: probe.reason, device: '' };
		if (!probe.gpu) return { loaded: false, reason: 'TensorFlow loads but finds no GPU', device: '' };
		return native(probe.file, probe.reason, 'GPU through TensorFlow');
	},
	tensorflow: async () => {
		const reasons: string[] = [];
		// The GPU package without a GPU computes on the CPU just as well.
		for (const packageName of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']) {
			const probe = await probeNative(packageName);
			if (probe.file !== null) return native(probe.file, probe.reason, processor());
			reasons.push(probe.reason);
		}
		return { loaded: false, reason: reasons[0] ?? '', device: '' };
	},
	wasm: async () => {
		await loadWasm();
		const simd = tf.env().getBool('WASM_HAS_SIMD_SUPPORT') ? 'with SIMD' : 'without SIMD';
		return { loaded: true, reason: `WebAssembly ${simd}`, device: `${processor()}, one thread` };
	},
	cpu: async () => {
		await import('@tensorflow/tfjs-backend-cpu');
		await tf.setBackend('cpu');
		return { loaded: true, reason: 'plain JavaScript, slow', device: `${processor()}, one thread` };
	},
};

async function native(file: string, reason: string, device: string): Promise<LoadedBackend> {
	loadNative(file);
	if (!(await tf.setBackend('tensorflow'))) return { loaded: false, reason: 'TensorFlow does not start', device: '' };
	return { loaded: true, reason, device };
}
