import { createRequire } from 'node:module';
import { explainNoGpu } from './link/explain-no-gpu.js';
import { nameOf, readLinked } from './link/linked-tensorflow.js';
import { probeStep } from './probe-step.js';

const require = createRequire(import.meta.url);

/** tfjs-node calls `util.isNullOrUndefined`, which Node 23 removed. */
const FIRST_BROKEN_NODE = 23;

export interface NativeProbe {
	/** Resolved file to load, or null where it does not work. */
	readonly file: string | null;
	readonly gpu: boolean;
	readonly reason: string;
	/** Why it works, but on no GPU, and what helps; null else. */
	readonly noGpu: string | null;
}

/** Whether a native TensorFlow package is installed and does a training step here. */
export async function probeNative(packageName: string): Promise<NativeProbe> {
	try {
		return await probeFile(require.resolve(packageName), packageName);
	} catch {
		return broken(`${packageName} is not installed`);
	}
}

/** The same for the TensorFlow that `graft tensorflow link` left in the data directory. */
export async function probeLinked(dataDir: string): Promise<NativeProbe> {
	const linked = readLinked(dataDir);
	if (linked === null) return broken('no TensorFlow is linked (graft tensorflow link)');
	const probe = await probeFile(linked.entry, nameOf(linked));
	// With a version of Node that does not fit, another link would help nobody.
	if (probe.file !== null || misfitOf('') !== null) return probe;
	return { ...probe, reason: `${probe.reason}. Run \`graft tensorflow link\` again` };
}

/** Why the package does not work with a version of Node; null where it does. */
export function misfitOf(packageName: string, nodeVersion = process.versions.node): string | null {
	if (Number(nodeVersion.split('.')[0]) < FIRST_BROKEN_NODE) return null;
	return `${packageName} does not work with Node ${nodeVersion}; use Node 20 or 22`;
}

const done = new Map<string, Promise<NativeProbe>>();

/** Whether the file does a training step in a process of its own; asked once a process. `name` is for the reason. */
export function probeFile(file: string, name: string): Promise<NativeProbe> {
	const probe = done.get(file) ?? tryFile(file, name);
	done.set(file, probe);
	return probe;
}

async function tryFile(file: string, name: string): Promise<NativeProbe> {
	const misfit = misfitOf(name);
	if (misfit !== null) return broken(misfit);
	const load = "const tf = require(process.argv[1]); const name = 'tensorflow';";
	const result = await probeStep<{ gpu: boolean }>(load, [file], '{ gpu: tf.backend().isUsingGpuDevice === true }');
	if (!result.ok) return broken(`${name} is there but does not work: ${result.why}`);
	const { gpu } = result.said;
	const noGpu = gpu ? null : explainNoGpu(result.log);
	return { file, gpu, reason: `${name} did a training step${gpu ? ' on a GPU' : ''}`, noGpu };
}

const broken = (reason: string): NativeProbe => ({ file: null, gpu: false, reason, noGpu: null });

/** Loads the addon into this process; it registers the back end `tensorflow` with tfjs-core. */
export function loadNative(file: string): void {
	require(file);
}
