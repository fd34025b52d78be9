import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { GraftError } from '@graft/domain/error';
import type { PythonTensorFlow } from './linked-tensorflow.js';

const run = promisify(execFile);
/** TensorFlow's import takes 5 s, and on a cold disk some times as long. */
const IMPORT_TIMEOUT_MS = 180_000;
const NOT_INSTALLED = 'graft: tensorflow is not installed';

/** The import is the check: a package whose libraries do not load says so here, in its own words. */
const ASK = `
import importlib.util, json, os, sys
if importlib.util.find_spec("tensorflow") is None:
    sys.exit("${NOT_INSTALLED}")
import tensorflow
print(json.dumps({
    "python": sys.executable,
    "version": tensorflow.__version__,
    "folder": os.path.dirname(tensorflow.__file__),
    "cuda": bool(tensorflow.sysconfig.get_build_info().get("is_cuda_build")),
}))
`;

/**
 * Asks a Python for its TensorFlow.
 * @throws GraftError CONFIGURATION that says what is missing: Python, the package, or its headers and libraries.
 */
export async function findPythonTensorFlow(python: string): Promise<PythonTensorFlow> {
	let found: PythonTensorFlow;
	try {
		const { stdout } = await run(python, ['-c', ASK], { timeout: IMPORT_TIMEOUT_MS });
		found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as PythonTensorFlow;
	} catch (error) {
		throw new GraftError('CONFIGURATION', explain(python, error), { python }, { cause: error });
	}
	for (const needed of ['include/tensorflow/c/c_api.h', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
		if (existsSync(path.join(found.folder, needed))) continue;
		const advice = 'A wheel of TensorFlow 2.15 or newer from PyPI has it.';
		throw new GraftError('CONFIGURATION', `${path.join(found.folder, needed)} is not there. ${advice}`, { python });
	}
	return found;
}

function explain(python: string, error: unknown): string {
	const { code, stderr = '', message } = error as { code?: unknown; stderr?: string; message: string };
	if (code === 'ENOENT') return `There is no ${python}. Name a Python that has TensorFlow: --python PATH.`;
	if (stderr.includes(NOT_INSTALLED)) {
		return `${python} has no TensorFlow. Run \`${python} -m pip install tensorflow\`, or name another one: --python PATH.`;
	}
	const last = stderr.trim().split('\n').at(-1) || message;
	return `${python} does not import its TensorFlow: ${last}`;
}
