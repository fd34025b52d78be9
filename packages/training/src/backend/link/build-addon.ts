import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { GraftError } from '@graft/domain/error';
import { explainBuildLog } from './explain-build-log.js';
import { layOutLibraries } from './lay-out-libraries.js';
import { ADDON, ENTRY, type PythonTensorFlow } from './linked-tensorflow.js';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

const SOURCES = '@tensorflow/tfjs-node@4.22.0';
/** 12 s on two fast cores; a small board takes minutes. */
const STEP_TIMEOUT_MS = 20 * 60_000;
const RUNTIME_PATH = '$$ORIGIN/../../deps/lib';
const PYTHON_PATH = '$$ORIGIN/../../deps/python';

/** tfjs-node's own index would load the union package and six more; only the kernels and the addon are needed. */
const ENTRY_TEXT = `const tf = require('@tensorflow/tfjs');
require('./dist/register_all_kernels.js');
const { NodeJSKernelBackend } = require('./dist/nodejs_kernel_backend.js');
const binding = require('./${ADDON}');
tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node'));
module.exports = tf;
`;

/**
 * Fetches the addon's sources into `folder` and builds them against the Python package. All output goes to `log`.
 * @throws GraftError UNAVAILABLE with the likely cause and the log's path.
 */
export async function buildAddon(
	folder: string,
	tensorflow: PythonTensorFlow,
	log: string,
	say: (line: string) => void,
): Promise<void> {
	await mkdir(path.dirname(log), { recursive: true });
	await writeFile(log, '');
	const step = (command: string, args: readonly string[]) => logged(command, args, folder, log);
	say(`Fetching the sources of ${SOURCES} …`);
	await step('npm', ['pack', SOURCES]);
	await step('tar', ['xzf', 'tensorflow-tfjs-node-4.22.0.tgz', '--strip-components=1']);
	await rm(path.join(folder, 'tensorflow-tfjs-node-4.22.0.tgz'));
	await arrange(folder, tensorflow);
	say('Building the addon (10 to 60 s) …');
	const headers = await headersBesideNode(folder);
	await step('npm', ['run', 'graft-build', '--', ...(headers === null ? [] : [`--nodedir=${headers}`])]);
}

/** Puts headers and libraries where the build looks, and what the kernels import where Node looks. */
async function arrange(folder: string, { folder: python }: PythonTensorFlow): Promise<void> {
	await mkdir(path.join(folder, 'deps/lib'), { recursive: true });
	await symlink(path.join(python, 'include'), path.join(folder, 'deps/include'));
	await symlink(path.join(python, 'libtensorflow_cc.so.2'), path.join(folder, 'deps/lib/libtensorflow.so'));
	await symlink(
		path.join(python, 'libtensorflow_framework.so.2'),
		path.join(folder, 'deps/lib/libtensorflow_framework.so'),
	);
	await layOutLibraries(path.join(folder, 'deps'), python);
	const gyp = path.join(folder, 'binding.gyp');
	await writeFile(
		gyp,
		(await readFile(gyp, 'utf8')).replace(RUNTIME_PATH, () => PYTHON_PATH),
	);
	// The kernels want of the union package what tfjs-core has, and must get the one copy that this process computes with.
	await mkdir(path.join(folder, 'node_modules/@tensorflow'), { recursive: true });
	const core = path.dirname(require.resolve('@tensorflow/tfjs-core/package.json'));
	for (const name of ['tfjs', 'tfjs-core']) await symlink(core, path.join(folder, 'node_modules/@tensorflow', name));
	// Messages for TensorBoard, which would need google-protobuf.
	await writeFile(path.join(folder, 'dist/proto/api_pb.js'), 'module.exports = {};\n');
	await writeFile(path.join(folder, ENTRY), ENTRY_TEXT);
	const binding = '--module_name=tfjs_binding --module_path="$PWD/lib/napi-v8" --napi_build_version=8';
	// npm puts its own node-gyp first, and hands a configured nodedir on to it.
	const scripts = { 'graft-build': `node-gyp rebuild ${binding}` };
	await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true, scripts }));
}

/** Headers that came with this Node spare a download; null where npm is told of others, or there are none. */
async function headersBesideNode(folder: string): Promise<string | null> {
	const configured = await run('npm', ['config', 'get', 'nodedir'], { cwd: folder }).catch(() => ({ stdout: '' }));
	if (!['', 'undefined', 'null'].includes(configured.stdout.trim())) return null;
	const root = path.resolve(path.dirname(process.execPath), '..');
	const file = path.join(root, 'include/node/node_version.h');
	const major = `#define NODE_MAJOR_VERSION ${process.versions.node.split('.')[0]}\n`;
	return existsSync(file) && readFileSync(file, 'utf8').includes(major) ? root : null;
}

async function logged(command: string, args: readonly string[], cwd: string, log: string): Promise<void> {
	await appendFile(log, `$ ${command} ${args.join(' ')}\n`);
	try {
		const { stdout, stderr } = await run(command, [...args], {
			cwd,
			timeout: STEP_TIMEOUT_MS,
			maxBuffer: 64 * 1024 * 1024,
		});
		await appendFile(log, stdout + stderr);
	} catch (error) {
		const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
		await appendFile(log, `${stdout}${stderr}${message}\n`);
		const cause = explainBuildLog(`${stdout}\n${stderr}`);
		throw new GraftError('UNAVAILABLE', `${cause} The whole log: ${log}`, { command, log }, { cause: error });
	}
}
