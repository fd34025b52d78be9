import { stat } from 'node:fs/promises';
import path from 'node:path';
import { inside } from './inside.js';
import { isRecord, readJsonObject } from './read-json.js';
import { openSafetensors } from './safetensors-file.js';
import { brokenFile, type WeightFile } from './weight-file.js';

export const MODEL = 'model.safetensors';
export const MODEL_INDEX = 'model.safetensors.index.json';

/** A folder as Hugging Face's `save_pretrained` leaves it: config.json, and the weights in one file or in shards. */
export async function openHuggingFaceFolder(folder: string): Promise<WeightFile> {
	const has = (name: string) =>
		stat(path.join(folder, name)).then(
			() => true,
			() => false,
		);
	const config = (await has('config.json')) ? await readJsonObject(path.join(folder, 'config.json')) : undefined;
	if (await has(MODEL)) return { ...(await openSafetensors(path.join(folder, MODEL))), ...(config && { config }) };
	if (await has(MODEL_INDEX)) return { ...(await openShards(folder)), ...(config && { config }) };
	if (await has('pytorch_model.bin')) {
		throw brokenFile('Its weights are a pickle, which may run programs: save it as safetensors; as it is', folder);
	}
	throw brokenFile(`There is neither ${MODEL} nor ${MODEL_INDEX} in it`, folder);
}

async function openShards(folder: string): Promise<WeightFile> {
	const index = path.join(folder, MODEL_INDEX);
	const { weight_map: map } = await readJsonObject(index);
	if (!isRecord(map)) throw brokenFile('It has no weight_map', index);
	const opened: WeightFile[] = [];
	const close = async () => void (await Promise.all(opened.map((one) => one.close())));
	try {
		for (const name of new Set(Object.values(map))) {
			const shard = inside(folder, name, index);
			opened.push(await openSafetensors(shard));
			const wrong = opened.at(-1)?.tensors.find((tensor) => map[tensor.name] !== name);
			if (wrong) throw brokenFile(`It does not say that ${wrong.name} is in ${String(name)}`, index);
		}
		const tensors = opened.flatMap((one) => one.tensors);
		const there = new Set(tensors.map(({ name }) => name));
		const lost = Object.keys(map).find((name) => !there.has(name));
		if (lost !== undefined) throw brokenFile(`Its shards lack ${lost}`, index);
		return { format: 'safetensors in shards', naming: 'hugging-face', tensors, close };
	} catch (error) {
		await close();
		throw error;
	}
}
