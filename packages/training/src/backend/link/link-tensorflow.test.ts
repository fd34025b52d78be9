import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeLinked } from '../native.js';
import { explainBuildLog } from './explain-build-log.js';
import { explainNoGpu } from './explain-no-gpu.js';
import { findPythonTensorFlow } from './find-python-tensorflow.js';
import { layOutLibraries } from './lay-out-libraries.js';
import { linkTensorFlow } from './link-tensorflow.js';
import { readLinked } from './linked-tensorflow.js';

let dataDir = '';
beforeAll(() => {
	dataDir = mkdtempSync(path.join(tmpdir(), 'graft-link-'));
});
afterAll(() => rmSync(dataDir, { recursive: true }));

/** A program that answers as a Python does. */
function python(name: string, shell: string): string {
	const file = path.join(dataDir, name);
	writeFileSync(file, `#!/bin/sh\n${shell}\n`, { mode: 0o755 });
	return file;
}

describe('finding the TensorFlow of a Python', () => {
	it.each([
		['no-such-python', null, /^There is no .*no-such-python\. Name a Python/],
		['bare', 'echo "graft: tensorflow is not installed" >&2; exit 1', /bare has no TensorFlow\. Run `.*pip install/],
		[
			'broken',
			'echo "Traceback" >&2; echo "ImportError: libcudart.so.12: cannot open" >&2; exit 1',
			/does not import its TensorFlow: ImportError: libcudart\.so\.12: cannot open/,
		],
		[
			'headless',
			`echo '{"python":"p","version":"2.1","folder":"/nowhere","cuda":false}'`,
			/^\/nowhere\/include\/tensorflow\/c\/c_api\.h is not there/,
		],
	])('%s is told what to do', async (name, shell, message) => {
		const file = shell === null ? path.join(dataDir, name) : python(name, shell);
		await expect(findPythonTensorFlow(file)).rejects.toMatchObject({
			code: 'CONFIGURATION',
			message: expect.stringMatching(message),
		});
	});
});

describe('linking', () => {
	const request = { python: 'python3', gpu: false, say: () => {} };

	it.each([
		[{ nodeVersion: '23.1.0' }, /tfjs-node does not work with Node 23\.1\.0; use Node 20 or 22/],
		[{ platform: 'darwin' as const }, /works on Linux alone, not on darwin/],
	])('is refused before anything is done: %j', async (machine, message) => {
		const linking = linkTensorFlow({ ...request, dataDir, platform: 'linux', ...machine });
		await expect(linking).rejects.toMatchObject({
			code: 'CONFIGURATION',
			message: expect.stringMatching(message),
		});
		expect(readdirSync(dataDir).filter((name) => name.startsWith('tensorflow'))).toEqual([]);
	});
});

describe('a linked TensorFlow', () => {
	it('is not there before it is linked', async () => {
		expect(readLinked(dataDir)).toBeNull();
		expect((await probeLinked(dataDir)).reason).toBe('no TensorFlow is linked (graft tensorflow link)');
	});
});

describe('the log of a failed build', () => {
	it.each([
		[
			'gyp ERR! stack Error: bad port\ngyp ERR! stack at async go (/usr/lib/node_modules/npm/node_modules/node-gyp/lib/install.js:220:25)',
			/Node's headers could not be downloaded.*npm_config_nodedir/,
		],
		[
			'npm error code ENOTFOUND\nnpm error syscall getaddrinfo',
			/sources of @tensorflow\/tfjs-node could not be downloaded/,
		],
		[
			'../binding/tfjs_backend.cc:12:10: fatal error: tensorflow/c/c_api.h: No such file or directory\nmake: *** [x] Error 1',
			/^The compiler says: .*fatal error: tensorflow\/c\/c_api\.h/,
		],
		['make: *** [x] Killed', /^The build failed\.$/],
	])('%s', (log, says) => {
		expect(explainBuildLog(log)).toMatch(says);
	});
});

describe('the libraries of tensorflow[and-cuda]', () => {
	const packages = () => path.join(dataDir, 'site-packages');
	const put = (file: string) => {
		mkdirSync(path.dirname(path.join(packages(), file)), { recursive: true });
		writeFileSync(path.join(packages(), file), file);
	};
	const at = (...parts: string[]) => realpathSync(path.join(dataDir, 'deps', ...parts));

	it('lie where TensorFlow looks for any of them, whichever package they came in', async () => {
		for (const name of ['cc', 'framework']) put(`tensorflow/libtensorflow_${name}.so.2`);
		put('nvidia/__init__.py');
		put('nvidia/cublas/lib/libcublas.so.12');
		put('nvidia/cublas/include/cublas.h');
		put('nvidia/cusolver/lib/libcusolver.so.11');
		put('nvidia/cuda_nvcc/bin/ptxas');
		await layOutLibraries(path.join(dataDir, 'deps'), path.join(packages(), 'tensorflow'));
		// TensorFlow's own folder has no neighbour but by the links: `..` is that of the folder that a path names.
		expect(at('python/libtensorflow_framework.so.2')).toBe(
			realpathSync(path.join(packages(), 'tensorflow/libtensorflow_framework.so.2')),
		);
		expect(realpathSync(path.join(dataDir, 'deps/python'))).toBe(path.join(realpathSync(dataDir), 'deps/python'));
		for (const place of ['cublas', 'cusolver']) {
			for (const [own, file] of [
				['cublas', 'libcublas.so.12'],
				['cusolver', 'libcusolver.so.11'],
			] as const) {
				expect(at('nvidia', place, 'lib', file)).toBe(realpathSync(path.join(packages(), 'nvidia', own, 'lib', file)));
			}
		}
		expect(at('nvidia/cuda_nvcc/bin/ptxas')).toBe(realpathSync(path.join(packages(), 'nvidia/cuda_nvcc/bin/ptxas')));
	});
});

describe('no GPU', () => {
	// As TensorFlow 2.21 writes it.
	it.each([
		[
			'E0000 00:00:1 7905 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)',
			/no NVIDIA driver.*nvidia-smi/,
		],
		[
			'E0000 00:00:1 7927 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected',
			/sees no GPU.*CUDA_VISIBLE_DEVICES/,
		],
		[
			"I0000 dso_loader.cc:144] Could not load dynamic library 'libcusolver.so.11'; dlerror: …\nW0000 gpu_device.cc:2365] Cannot dlopen some GPU libraries. Please make sure …",
			/^libcusolver\.so\.11 cannot be loaded; install "tensorflow\[and-cuda\]"/,
		],
		['W0000 gpu_device.cc:2365] Cannot dlopen some GPU libraries.', /^Libraries of CUDA cannot be loaded/],
		[
			'E0000 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH',
			/does not start \(INTERNAL: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH\)/,
		],
		['', /^it finds none/],
	])('is explained: %s', (log, says) => {
		expect(explainNoGpu(log)).toMatch(says);
	});
});
