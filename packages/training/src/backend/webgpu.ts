import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { GraftError } from '@graft/domain/error';
import * as tf from '@tensorflow/tfjs-core';
import { registerWebGpuKernels } from '../kernels/register-webgpu-kernels.js';
import { probeStep } from './probe-step.js';

const require = createRequire(import.meta.url);

/** Dawn and the back end on top of it: 150 MB with all platforms, so they come only when they are asked for. */
const DAWN = 'webgpu';
const BACKEND = '@tensorflow/tfjs-backend-webgpu';
export const INSTALL_WEBGPU = 'npm install --no-save webgpu@0.6 @tensorflow/tfjs-backend-webgpu@4.22.0';

export interface WebGpuProbe {
	readonly works: boolean;
	/** Computes on the processor, slower than WebAssembly. */
	readonly software: boolean;
	readonly device: string;
	readonly reason: string;
}

interface AdapterInfo {
	readonly vendor: string;
	readonly architecture: string;
	readonly device: string;
	readonly description: string;
	readonly isFallbackAdapter: boolean;
}

/** Gives this process (or the child) what browsers have. Node 21 and later have a read-only navigator. */
const LOAD = `
	const { create, globals } = await import(process.argv[1]);
	Object.assign(globalThis, globals);
	Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true });
	const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
	if (adapter === null) throw new Error('Dawn finds no adapter: no driver for Vulkan, Metal or Direct3D 12');
	const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
	const tf = require(process.argv[2]);
	require(process.argv[3]);
	const name = 'webgpu';
`;
const INFO = '{ vendor, architecture, device, description, isFallbackAdapter }';
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** Whether WebGPU does a training step here, and on what. A driver can end a process: it is tried in a child. */
export async function probeWebGpu(): Promise<WebGpuProbe> {
	const nothing = { works: false, software: false, device: '' };
	const [dawn, backend] = [installed(DAWN), installed(BACKEND)];
	if (dawn === null || backend === null) {
		const missing = [dawn ?? DAWN, backend ?? BACKEND].filter((name) => [DAWN, BACKEND].includes(name)).join(' and ');
		return { ...nothing, reason: `not installed: ${missing} (${INSTALL_WEBGPU})` };
	}
	const args = [pathToFileURL(dawn).href, require.resolve('@tensorflow/tfjs-core'), backend];
	const result = await probeStep<AdapterInfo>(LOAD, args, INFO);
	if (!result.ok) return { ...nothing, reason: `it is there but does not work: ${result.why}` };
	const info = result.said;
	const device = info.description || info.device || `${info.vendor} ${info.architecture}`.trim() || 'unnamed adapter';
	const software = info.isFallbackAdapter || SOFTWARE.test(Object.values(info).join(' '));
	const reason = `WebGPU did a training step on ${device}${software ? ', which is software on the processor' : ''}`;
	return { works: true, software, device, reason };
}

interface Dawn {
	readonly create: (flags: string[]) => object;
	readonly globals: object;
}

/**
 * What Dawn gives, once a process: with another one in its place the first would be collected as garbage, under the hands
 * of a device that still computes, which ends or hangs the process.
 */
let gpu: object | null = null;

/** Makes WebGPU this process' own. */
export async function loadWebGpu(): Promise<void> {
	if (gpu === null) {
		const { create, globals } = (await import(pathToFileURL(require.resolve(DAWN)).href)) as Dawn;
		gpu = create([]);
		Object.assign(globalThis, globals);
		Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
	}
	require(BACKEND);
	if (!(await tf.setBackend('webgpu'))) throw new Error('the WebGPU back end does not start');
	registerWebGpuKernels();
	refuseWhatFailed();
}

interface Device {
	pushErrorScope(filter: 'validation' | 'out-of-memory' | 'internal'): void;
	popErrorScope(): Promise<{ readonly message: string } | null>;
}
interface Backend {
	readonly device: Device;
	read(dataId: object): Promise<tf.BackendValues>;
}
const SCOPES = ['validation', 'out-of-memory', 'internal'] as const;
const guarded = new WeakSet<object>();

/**
 * What a device refuses or has no memory for is left out, and results that need it hold whatever lay in their place. So each
 * time that numbers are read it is asked whether anything was refused since the last time.
 */
function refuseWhatFailed(): void {
	const backend = tf.backend() as unknown as Backend;
	if (guarded.has(backend)) return;
	guarded.add(backend);
	const { device } = backend;
	const open = () => SCOPES.forEach((scope) => void device.pushErrorScope(scope));
	open();
	const read = backend.read.bind(backend);
	backend.read = async (dataId) => {
		const values = await read(dataId);
		// The last scope that was opened is the first to close.
		const closing = [...SCOPES].reverse().map(async (scope) => ({ scope, error: await device.popErrorScope() }));
		open();
		for (const { scope, error } of await Promise.all(closing)) {
			if (error === null) continue;
			const [first] = error.message.split('\n');
			if (scope !== 'out-of-memory') throw new GraftError('BUG', `WebGPU refused an operation (${scope}): ${first}`);
			throw new GraftError('OUT_OF_MEMORY', `The WebGPU device has no memory left: ${first}`);
		}
		return values;
	};
}

/** Lets the device go, which else keeps the process alive. */
export function releaseWebGpu(): void {
	if (!('webgpu' in tf.engine().registry)) return;
	const { device } = tf.engine().registry.webgpu as unknown as { device: { destroy: () => void } };
	const factory = tf.findBackendFactory('webgpu');
	tf.removeBackend('webgpu');
	// Stays known, for a process that selects it again.
	tf.registerBackend('webgpu', factory);
	device.destroy();
}

function installed(name: string): string | null {
	try {
		return require.resolve(name);
	} catch {
		return null;
	}
}
