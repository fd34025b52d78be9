import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);
const run = promisify(execFile);

/** A native addon that does not fit the machine can end the whole process: it is tried in a child first. */
const PROBE_TIMEOUT_MS = 60_000;
/** tfjs-node calls `util.isNullOrUndefined`, which Node 23 removed. */
const FIRST_BROKEN_NODE = 23;

/** One training step on a convolution: loading alone does not show what is missing. Prints whether a GPU is used. */
const PROBE = `
const tf = require(process.argv[1]);
const x = tf.ones([2, 4, 4, 1]);
const loss = (w) => tf.mean(tf.square(tf.conv2d(x, w, 1, 'same')));
const gradient = tf.grads(loss)([tf.ones([3, 3, 1, 2])])[0];
if (!Number.isFinite(gradient.dataSync()[0])) throw new Error('the gradient is not a number');
console.log(JSON.stringify({ gpu: tf.backend().isUsingGpuDevice === true, version: tf.version['tfjs-node'] ?? '' }));
`;

export interface NativeProbe {
	/** Resolved file of the package, or null where it does not work. */
	readonly file: string | null;
	readonly gpu: boolean;
	readonly reason: string;
}

/** Whether a native TensorFlow package is installed and does a training step here. */
export async function probeNative(packageName: string): Promise<NativeProbe> {
	let file: string;
	try {
		file = require.resolve(packageName);
	} catch {
		return { file: null, gpu: false, reason: `${packageName} is not installed` };
	}
	const nodeMajor = Number(process.versions.node.split('.')[0]);
	if (nodeMajor >= FIRST_BROKEN_NODE) {
		const reason = `${packageName} does not work with Node ${process.versions.node}; use Node 20 or 22`;
		return { file: null, gpu: false, reason };
	}
	try {
		const { stdout } = await run(process.execPath, ['-e', PROBE, file], { timeout: PROBE_TIMEOUT_MS });
		const { gpu } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { gpu: boolean };
		return { file, gpu, reason: `${packageName} did a training step${gpu ? ' on a GPU' : ''}` };
	} catch (error) {
		return { file: null, gpu: false, reason: `${packageName} is installed but does not work: ${firstCause(error)}` };
	}
}

/** Loads the addon into this process; it registers the back end `tensorflow` with tfjs-core. */
export function loadNative(file: string): void {
	require(file);
}

/** The line of the child's stderr that names the error, or how it ended. */
function firstCause(error: unknown): string {
	const { stderr, signal, message } = error as { stderr?: string; signal?: string; message: string };
	const lines = (stderr ?? '').split('\n').map((line) => line.trim());
	const named = lines.find((line) => /^(\w*Error|Error)\b.*:/.test(line));
	return named ?? (signal ? `it ended with ${signal}` : (message.split('\n')[0] ?? message));
}
