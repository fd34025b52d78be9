import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeSafetensors } from '../safetensors/index.js';
import type { ExportedModel } from './exported-model.js';
import { huggingFaceModel } from './hugging-face-model.js';
import type { HuggingFaceTokenizer } from './hugging-face-tokenizer.js';

const MODEL = 'model.safetensors';
const HEAD = 'head.safetensors';

export interface StateDict {
	readonly files: string[];
	/** Class of Hugging Face's library that reads it; null: it holds Graft's own names. */
	readonly readBy: string | null;
	/** File of the head, where that class has no place for it. */
	readonly headFile: string | null;
}

/**
 * The weights as safetensors. Transformers have Hugging Face's names and config.json, as a classifier or
 * language model where its class has the head's layers, else as a backbone with the head in a file of its own. All other
 * networks have Graft's names, which are those of Keras' layers and variables.
 */
export async function writeStateDict(
	model: ExportedModel,
	tokenizer: HuggingFaceTokenizer | null,
	folder: string,
): Promise<StateDict> {
	const write = (name: string, content: string | Uint8Array) => writeFile(path.join(folder, name), content);
	const outside = huggingFaceModel(model, tokenizer);
	if (outside === null) {
		await write(MODEL, writeSafetensors(model.tensors, { format: 'pt' }));
		return { files: [MODEL], readBy: null, headFile: null };
	}
	const { readBy, tensors, config, head } = outside;
	const files = [MODEL, 'config.json'];
	await write(MODEL, writeSafetensors(tensors, { format: 'pt' }));
	await write('config.json', json(config));
	if (head.size === 0) return { files, readBy, headFile: null };
	await write(HEAD, writeSafetensors(head, { format: 'pt' }));
	return { files: [...files, HEAD], readBy, headFile: HEAD };
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
