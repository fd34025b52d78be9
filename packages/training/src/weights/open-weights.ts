import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { MODEL_INDEX, openHuggingFaceFolder } from './hugging-face-folder.js';
import { openKerasArchive } from './keras-archive.js';
import { openKerasHdf5 } from './keras-hdf5.js';
import { isRecord, readJsonObject } from './read-json.js';
import { openSafetensors } from './safetensors-file.js';
import { openTensorFlowJs } from './tensorflowjs-model.js';
import { brokenFile, type WeightFile } from './weight-file.js';

export interface OpenOptions {
	/** Folder in which an archive may be unpacked. */
	readonly scratch: string;
	/** Most bytes that it may take there. */
	readonly maxBytes: number;
}

const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** Opens weights, whatever they are: by what is in the file, and not by its name. @throws GraftError DATA. */
export async function openWeights(file: string, { scratch, maxBytes }: OpenOptions): Promise<WeightFile> {
	const found = await stat(file).catch((cause) => {
		throw new GraftError('DATA', `There is no file ${file}, or it cannot be read.`, { file }, { cause });
	});
	if (found.isDirectory()) return openFolder(file);
	const start = await startOf(file);
	const begins = (signature: readonly number[]) => signature.every((byte, at) => start[at] === byte);
	if (begins(HDF5)) return openKerasHdf5(file);
	if (begins(ZIP)) return openKerasArchive(file, scratch, maxBytes);
	if (start[0] === 0x7b) {
		// A model's description: of TensorFlow.js, or of the folder that it lies in.
		const isOfFolder = [MODEL_INDEX, 'config.json'].includes(path.basename(file));
		return isOfFolder ? openHuggingFaceFolder(path.dirname(file)) : openTensorFlowJs(file);
	}
	const weights = await openSafetensors(file);
	const config = await readJsonObject(path.join(path.dirname(file), 'config.json')).catch(() => null);
	return config !== null && weights.naming === 'hugging-face' ? { ...weights, config } : weights;
}

/** A Hugging Face model, or a TensorFlow.js one. */
async function openFolder(folder: string): Promise<WeightFile> {
	const model = path.join(folder, 'model.json');
	const isTensorFlowJs = await readJsonObject(model).then(
		(json) => Array.isArray(json.weightsManifest) && json.weightsManifest.every(isRecord),
		() => false,
	);
	return isTensorFlowJs ? openTensorFlowJs(model) : openHuggingFaceFolder(folder);
}

async function startOf(file: string): Promise<Uint8Array> {
	const handle = await open(file, 'r');
	try {
		const bytes = new Uint8Array(HDF5.length);
		const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
		if (bytesRead === 0) throw brokenFile('It is empty', file);
		return bytes.subarray(0, bytesRead);
	} finally {
		await handle.close();
	}
}
