import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { GraftError } from '@graft/domain/error';
import { misfitOf, probeFile } from '../native.js';
import { buildAddon } from './build-addon.js';
import { findPythonTensorFlow } from './find-python-tensorflow.js';
import { ENTRY, type LinkManifest, linkFolder, manifestFile, nameOf } from './linked-tensorflow.js';

const run = promisify(execFile);

export interface LinkRequest {
	/** A command or a path. */
	readonly python: string;
	/** Refuse what does not compute on a GPU. */
	readonly gpu: boolean;
	readonly dataDir: string;
	/** One line for a person. */
	readonly say: (line: string) => void;
	readonly platform?: NodeJS.Platform;
	readonly nodeVersion?: string;
}

/**
 * Builds tfjs-node's addon against the TensorFlow of a Python installation and keeps it in the data directory, where
 * `selectBackend` finds it. An earlier link stays until the new one has done a training step.
 * @throws GraftError CONFIGURATION or UNAVAILABLE that says what is missing and what to do.
 */
export async function linkTensorFlow(request: LinkRequest): Promise<LinkManifest> {
	const { python, gpu, dataDir, say, platform = process.platform, nodeVersion = process.versions.node } = request;
	if (platform !== 'linux') {
		throw new GraftError('CONFIGURATION', `Linking works on Linux alone, not on ${platform}. WebAssembly works here.`);
	}
	const misfit = misfitOf('@tensorflow/tfjs-node', nodeVersion);
	if (misfit !== null) throw new GraftError('CONFIGURATION', `${misfit}. WebAssembly works with it.`);
	for (const tool of ['make', 'g++', 'tar', 'npm']) await requireTool(tool);
	say(`Asking ${python} for its TensorFlow …`);
	const tensorflow = await findPythonTensorFlow(python);
	say(`Found ${nameOf(tensorflow)} in ${tensorflow.folder}.`);
	if (gpu && !tensorflow.cuda) {
		const advice = `Run \`${python} -m pip install "tensorflow[and-cuda]"\`, or leave out --gpu.`;
		throw new GraftError('CONFIGURATION', `${nameOf(tensorflow)} knows no GPU. ${advice}`);
	}
	await mkdir(dataDir, { recursive: true });
	const staging = await mkdtemp(path.join(dataDir, 'tensorflow-'));
	try {
		await buildAddon(staging, tensorflow, path.join(dataDir, 'logs/tensorflow-link.log'), say);
		say('Checking it with a training step …');
		const probe = await probeFile(path.join(staging, ENTRY), 'The addon that was built');
		if (probe.file === null) throw new GraftError('UNAVAILABLE', `${probe.reason}. Nothing was changed.`);
		if (gpu && probe.noGpu !== null) {
			const advice = 'Nothing was changed; without --gpu it is linked as it is.';
			throw new GraftError('UNAVAILABLE', `The addon works, but on no GPU: ${probe.noGpu}. ${advice}`);
		}
		const manifest = { ...tensorflow, gpu: probe.gpu, linkedAt: new Date().toISOString() };
		await writeFile(manifestFile(staging), `${JSON.stringify(manifest, null, 2)}\n`);
		await rm(linkFolder(dataDir), { recursive: true, force: true });
		await rename(staging, linkFolder(dataDir));
		return manifest;
	} finally {
		await rm(staging, { recursive: true, force: true });
	}
}

async function requireTool(tool: string): Promise<void> {
	try {
		await run(tool, ['--version']);
	} catch (cause) {
		const advice = tool === 'npm' ? 'It comes with Node.' : 'On Debian and Ubuntu: `apt install build-essential`.';
		throw new GraftError('CONFIGURATION', `The build needs ${tool}, which is not there. ${advice}`, {}, { cause });
	}
}
