import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExportedModel } from './exported-model.js';
import { readsText } from './exported-model.js';
import { kerasLayers, kerasTopology } from './keras-topology.js';
import { tensorFlowGraph } from './tensorflow-graph.js';
import { type ShardGroup, writeShards } from './write-shards.js';

const FILE = 'model.json';

/**
 * model.json and shards of bytes: networks for images and tables as a layers model (`tf.loadLayersModel`), those for texts,
 * whose layers TensorFlow.js does not have, as a graph model (`tf.loadGraphModel`). Answers the names of the files.
 */
export async function writeTensorFlowJs(model: ExportedModel, folder: string): Promise<string[]> {
	return readsText(model) ? writeGraphModel(model, folder) : writeLayersModel(model, folder);
}

async function writeLayersModel(model: ExportedModel, folder: string): Promise<string[]> {
	const layers = kerasLayers(model);
	const tensors = layers.flatMap(({ name, weights, of }) =>
		weights.map(({ variable, tensor }) => ({
			name: `${name}/${of?.layer.kind === 'depthwise-conv2d' ? `depthwise_${variable}` : variable}`,
			...tensor,
		})),
	);
	const topology = { keras_version: '2.15.0', backend: 'tensor_flow.js', model_config: kerasTopology(model, layers) };
	return describe('layers-model', { modelTopology: topology }, await writeShards(tensors, folder), folder);
}

async function writeGraphModel(model: ExportedModel, folder: string): Promise<string[]> {
	const { nodes, constants, signature } = tensorFlowGraph(model);
	const tensors = constants.map(({ values, ...rest }) => {
		return { ...rest, values: values instanceof Float32Array ? values : Int32Array.from(values) };
	});
	const modelTopology = { node: nodes, versions: { producer: 1 } };
	return describe('graph-model', { modelTopology, signature }, await writeShards(tensors, folder), folder);
}

async function describe(format: string, content: object, group: ShardGroup, folder: string): Promise<string[]> {
	const about = { format, generatedBy: 'Graft', convertedBy: null, ...content, weightsManifest: [group] };
	await writeFile(path.join(folder, FILE), JSON.stringify(about));
	return [FILE, ...group.paths];
}
