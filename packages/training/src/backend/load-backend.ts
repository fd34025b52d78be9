import { arch, cpus } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { registerGradients } from '../gradients/register-gradients.js';
import type { BackendName } from './backend.js';
import { loadNative, type NativeProbe, probeLinked, probeNative } from './native.js';
import { loadWasm } from './wasm.js';
import { loadWebGpu, probeWebGpu } from './webgpu.js';

export interface LoadedBackend {
	readonly loaded: boolean;
	readonly reason: string;
	readonly device: string;
}

export interface LoadOptions {
	/** Where `graft tensorflow link` keeps its build; null: nowhere. */
	readonly dataDir: string | null;
	/** Take no GPU that is emulated on the processor: other back ends are faster there. */
	readonly hardwareOnly: boolean;
}

const processor = () => cpus()[0]?.model.trim() || arch();
const refused = (reason: string): LoadedBackend => ({ loaded: false, reason, device: '' });

/** Makes the back end this process' own where it works here; says why not where it does not. Never throws. */
export async function loadBackend(name: BackendName, options: LoadOptions): Promise<LoadedBackend> {
	// Leaves out the shape checks of each call and the advice to install tfjs-node, which would end up in the log.
	tf.enableProdMode();
	try {
		const loaded = await loaders[name](options);
		if (loaded.loaded) registerGradients();
		return loaded;
	} catch (error) {
		return refused(error instanceof Error ? error.message : String(error));
	}
}

const loaders: Record<BackendName, (options: LoadOptions) => Promise<LoadedBackend>> = {
	'tensorflow-gpu': async (options) => {
		const { works, reasons } = await firstNative(options, ['@tensorflow/tfjs-node-gpu']);
		if (works === null) return refused(reasons);
		if (works.noGpu !== null) return refused(`${works.reason}, but on no GPU: ${works.noGpu}`);
		return native(works, 'GPU through TensorFlow');
	},
	webgpu: async ({ hardwareOnly }) => {
		const { works, software, device, reason } = await probeWebGpu();
		if (!works) return refused(reason);
		if (software && hardwareOnly) return refused(`${reason}, slower than WebAssembly`);
		await loadWebGpu();
		return { loaded: true, reason, device };
	},
	tensorflow: async (options) => {
		// The GPU package without a GPU computes on the CPU just as well.
		const packages = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];
		const { works, reasons } = await firstNative(options, packages);
		return works === null ? refused(reasons) : native(works, processor());
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

/** The linked TensorFlow before packages: it is the newer one, and someone asked for it. */
async function firstNative(
	{ dataDir }: LoadOptions,
	packages: readonly string[],
): Promise<{ works: NativeProbe | null; reasons: string }> {
	const reasons: string[] = [];
	const tries = [
		...(dataDir === null ? [] : [() => probeLinked(dataDir)]),
		...packages.map((name) => () => probeNative(name)),
	];
	for (const attempt of tries) {
		const probe = await attempt();
		if (probe.file !== null) return { works: probe, reasons: '' };
		reasons.push(probe.reason);
	}
	return { works: null, reasons: reasons.join('; ') };
}

async function native({ file, reason }: NativeProbe, device: string): Promise<LoadedBackend> {
	if (file !== null) loadNative(file);
	if (!(await tf.setBackend('tensorflow'))) return refused('TensorFlow does not start');
	return { loaded: true, reason, device };
}
