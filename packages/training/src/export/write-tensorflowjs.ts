import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExportedModel } from './exported-model.js';
import { kerasLayers, kerasTopology } from './keras-topology.js';

/** As TensorFlow.js' own converter cuts them: a browser caches files of this size. */
const SHARD_BYTES = 4 * 2 ** 20;

/** A layers model for `tf.loadLayersModel`: model.json and shards of bytes. Answers the names of the files. */
export async function writeTensorFlowJs(model: ExportedModel, folder: string): Promise<string[]> {
	const layers = kerasLayers(model, 'TensorFlow.js');
	const weights = layers.flatMap(({ name, of }) =>
		(of?.weights ?? []).map(({ variable, tensor }) => ({
			name: `${name}/${of?.layer.kind === 'depthwise-conv2d' ? `depthwise_${variable}` : variable}`,
			tensor,
		})),
	);
	const bytes = Buffer.concat(weights.map(({ tensor: { values } }) => bytesOf(values)));
	const count = Math.max(1, Math.ceil(bytes.length / SHARD_BYTES));
	const shards = Array.from({ length: count }, (_, index) => `group1-shard${index + 1}of${count}.bin`);
	for (const [index, name] of shards.entries()) {
		await writeFile(path.join(folder, name), bytes.subarray(index * SHARD_BYTES, (index + 1) * SHARD_BYTES));
	}
	const description = {
		format: 'layers-model',
		generatedBy: 'Graft',
		convertedBy: null,
		modelTopology: { keras_version: '2.15.0', backend: 'tensor_flow.js', model_config: kerasTopology(model, layers) },
		weightsManifest: [
			{
				paths: shards,
				weights: weights.map(({ name, tensor: { shape } }) => ({ name, shape, dtype: 'float32' })),
			},
		],
	};
	await writeFile(path.join(folder, 'model.json'), JSON.stringify(description));
	return ['model.json', ...shards];
}

const bytesOf = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
