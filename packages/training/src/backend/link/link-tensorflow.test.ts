import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeLinked } from '../native.js';
import { explainBuildLog } from './explain-build-log.js';
import { findPythonTensorFlow } from './find-python-tensorflow.js';
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
