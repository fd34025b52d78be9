import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
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

/** Makes WebGPU this process' own. */
export async function loadWebGpu(): Promise<void> {
	const { create, globals } = (await import(pathToFileURL(require.resolve(DAWN)).href)) as Dawn;
	Object.assign(globalThis, globals);
	Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true });
	require(BACKEND);
	if (!(await tf.setBackend('webgpu'))) throw new Error('the WebGPU back end does not start');
	registerWebGpuKernels();
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
