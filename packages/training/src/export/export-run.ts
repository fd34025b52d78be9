import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import { type ExportedModel, type ExportFormat, endsInClasses, exportedModel } from './exported-model.js';
import { type HuggingFaceTokenizer, huggingFaceTokenizer } from './hugging-face-tokenizer.js';
import { modelCard } from './model-card.js';
import { provenance, type RunFacts } from './provenance.js';
import { writeKerasH5 } from './write-keras-h5.js';
import { writeOnnx } from './write-onnx.js';
import { type StateDict, writeStateDict } from './write-state-dict.js';
import { writeTensorFlowJs } from './write-tensorflowjs.js';

export interface ExportRequest {
	readonly spec: RunSpec;
	readonly facts: RunFacts;
	readonly checkpoint: Uint8Array;
	/** tokenizer.json of a model that reads text. */
	readonly tokenizer: Uint8Array | null;
	readonly format: ExportFormat;
	/** Must be empty, or not be there. */
	readonly folder: string;
}

export interface Exported {
	readonly files: readonly { readonly name: string; readonly sha256: string }[];
	/** Class of Hugging Face's library that reads the state dict; null where none does, or another format was asked for. */
	readonly readBy: string | null;
	/** File of the head, where that class has no place for it. */
	readonly headFile: string | null;
}

/**
 * Writes a run's model for another ecosystem, with what it reads and gives (graft.json) and how it came about (README.md).
 * @throws GraftError CONFIGURATION where the format lacks a layer or the folder is not empty, DATA for a wrong checkpoint.
 */
export async function exportRun(request: ExportRequest): Promise<Exported> {
	const { spec, facts, format, folder, tokenizer } = request;
	const model = exportedModel(spec, request.checkpoint);
	const there = await readdir(folder).catch(() => []);
	if (there.length > 0)
		throw new GraftError('CONFIGURATION', `${folder} is not empty: name another folder.`, { folder });
	await mkdir(folder, { recursive: true });
	const texts = tokenizer && huggingFaceTokenizer(tokenizer, model);
	const { files, readBy, headFile } = await writeModel(model, request, texts);
	if (tokenizer !== null) {
		await writeFile(path.join(folder, 'tokenizer.json'), tokenizer);
		await writeFile(path.join(folder, 'tokenizer_config.json'), `${JSON.stringify(texts?.config, null, 2)}\n`);
		files.push('tokenizer.json', 'tokenizer_config.json');
	}
	const written = await Promise.all(
		files.map(async (name) => ({ name, sha256: await hashFile(path.join(folder, name)) })),
	);
	const output = format === 'safetensors' || !endsInClasses(model) ? 'logits' : 'probabilities';
	const about = provenance(spec, facts, output, written);
	await writeFile(path.join(folder, 'graft.json'), `${JSON.stringify(about, null, 2)}\n`);
	await writeFile(path.join(folder, 'README.md'), modelCard({ spec, facts, format, readBy, headFile }));
	return { files: written, readBy, headFile };
}

async function writeModel(
	model: ExportedModel,
	{ format, folder }: ExportRequest,
	texts: HuggingFaceTokenizer | null,
): Promise<StateDict> {
	const alone = (files: string[]): StateDict => ({ files, readBy: null, headFile: null });
	switch (format) {
		case 'tfjs':
			return alone(await writeTensorFlowJs(model, folder));
		case 'h5':
			return alone(await writeKerasH5(model, folder));
		case 'onnx':
			return alone(await writeOnnx(model, folder));
		case 'safetensors':
			return writeStateDict(model, texts, folder);
	}
}

async function hashFile(file: string): Promise<string> {
	const hash = createHash('sha256');
	for await (const chunk of createReadStream(file)) hash.update(chunk);
	return hash.digest('hex');
}
