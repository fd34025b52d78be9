import path from 'node:path';
import { inside } from './inside.js';
import { isRecord, readJsonObject } from './read-json.js';
import { openStretches, type StretchReader } from './stretch-reader.js';
import { brokenFile, type FileTensor, sizeOf, type WeightFile } from './weight-file.js';

/** Beginning of the names of what Graft's graph models hold besides the model's variables: sizes, places, factors. */
export const GRAPH_CONSTANTS = 'graph/';

/**
 * A TensorFlow.js model: model.json, and the shards of bytes that its manifest names. A layers model, or a graph model whose
 * constants bear the names of layers and variables, as Graft's do.
 */
export async function openTensorFlowJs(file: string): Promise<WeightFile> {
	const { weightsManifest: manifest, format } = await readJsonObject(file);
	const isGraph = format === 'graph-model';
	if (!Array.isArray(manifest)) throw brokenFile('It has no weightsManifest, so it is no TensorFlow.js model', file);
	const opened: StretchReader[] = [];
	const close = async () => void (await Promise.all(opened.map((one) => one.close())));
	try {
		const tensors: FileTensor[] = [];
		for (const group of manifest) {
			const { paths, weights } = isRecord(group) ? group : {};
			if (!Array.isArray(paths) || !Array.isArray(weights)) throw brokenFile('Its weightsManifest is broken', file);
			const shards: StretchReader[] = [];
			for (const name of paths) {
				const shard = await openStretches(inside(path.dirname(file), name, file)).catch((cause) => {
					throw brokenFile(`Its shard ${String(name)} cannot be read`, file, cause);
				});
				shards.push(shard);
				opened.push(shard);
			}
			tensors.push(...tensorsOf(weights, shards, file, isGraph));
		}
		return { format: `a TensorFlow.js ${isGraph ? 'graph' : 'layers'} model`, naming: 'keras', tensors, close };
	} catch (error) {
		await close();
		throw error;
	}
}

function tensorsOf(
	weights: readonly unknown[],
	shards: readonly StretchReader[],
	file: string,
	isGraph: boolean,
): FileTensor[] {
	const total = shards.reduce((sum, { bytes }) => sum + bytes, 0);
	const positions = new Map<string, number>();
	let begin = 0;
	const tensors = weights.flatMap((entry): FileTensor[] => {
		const { name, shape, dtype, quantization } = isRecord(entry) ? entry : {};
		if (typeof name !== 'string' || !isShape(shape)) throw brokenFile('Its weightsManifest is broken', file);
		const isConstant = isGraph && name.startsWith(GRAPH_CONSTANTS);
		const isRead = dtype === 'float32' || (isConstant && dtype === 'int32');
		if (!isRead || quantization !== undefined) {
			const how = quantization === undefined ? String(dtype) : 'quantized';
			throw brokenFile(`Its weight ${name} is ${how}; only float32 is read`, file);
		}
		// `conv1/kernel`, below the name of a model within the model where there is one.
		const layer = name.split('/').slice(-2)[0] ?? name;
		const position = positions.get(layer) ?? 0;
		positions.set(layer, position + 1);
		const [from, to] = [begin, begin + 4 * sizeOf(shape)];
		begin = to;
		if (to > total) throw brokenFile(`Its shards have ${total} bytes, and weight ${name} ends at byte ${to}`, file);
		if (isConstant) return [];
		return [{ name, layer, position, shape, dtype: 'F32', read: () => stretch(shards, from, to) }];
	});
	if (begin !== total) throw brokenFile(`${total - begin} bytes of its shards belong to no weight`, file);
	return tensors;
}

/** Bytes of shards that lie one after the other, in pieces of whole numbers also where one ends within a number. */
async function* stretch(shards: readonly StretchReader[], from: number, to: number): AsyncGenerator<Uint8Array> {
	let rest: Uint8Array = new Uint8Array();
	let offset = 0;
	for (const shard of shards) {
		const [begin, end] = [Math.max(from - offset, 0), Math.min(to - offset, shard.bytes)];
		offset += shard.bytes;
		if (begin >= end) continue;
		for await (const piece of shard.pieces(begin, end)) {
			const whole = rest.length === 0 ? piece : new Uint8Array([...rest, ...piece]);
			const cut = whole.length - (whole.length % 4);
			if (cut > 0) yield whole.subarray(0, cut);
			rest = whole.subarray(cut);
		}
	}
}

const isShape = (value: unknown): value is number[] =>
	Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
