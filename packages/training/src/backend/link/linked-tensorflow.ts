import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The addon's N-API folder, as tfjs-node names it: one build fits every Node that speaks N-API 8. */
export const ADDON = 'lib/napi-v8/tfjs_binding.node';
/** What a process loads: registers the back end `tensorflow` with this checkout's tfjs-core. */
export const ENTRY = 'graft-entry.cjs';
const MANIFEST = 'manifest.json';

/** The Python package whose libraries compute. */
export interface PythonTensorFlow {
	/** The interpreter, as Python itself names it. */
	readonly python: string;
	readonly version: string;
	/** The package's own folder: headers in `include`, libraries beside it. */
	readonly folder: string;
	/** Built with CUDA; whether there is a GPU is another question. */
	readonly cuda: boolean;
}

/** Written when everything else is in place. */
export interface LinkManifest extends PythonTensorFlow {
	readonly gpu: boolean;
	readonly linkedAt: string;
}

export const linkFolder = (dataDir: string): string => path.join(dataDir, 'tensorflow');

export interface LinkedTensorFlow extends LinkManifest {
	/** The file to load. */
	readonly entry: string;
}

/** The TensorFlow that was linked in this data directory; null where there is none. */
export function readLinked(dataDir: string): LinkedTensorFlow | null {
	const folder = linkFolder(dataDir);
	const file = path.join(folder, MANIFEST);
	if (!existsSync(file)) return null;
	const manifest = JSON.parse(readFileSync(file, 'utf8')) as LinkManifest;
	return { ...manifest, entry: path.join(folder, ENTRY) };
}

export const manifestFile = (folder: string): string => path.join(folder, MANIFEST);

export const nameOf = ({ version, python, cuda }: PythonTensorFlow): string =>
	`TensorFlow ${version} of ${python} (${cuda ? 'CUDA' : 'CPU'} build)`;
