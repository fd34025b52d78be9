import path from 'node:path';
import type { Group } from 'h5wasm/node';
import type { ExportedModel } from './exported-model.js';
import type { KerasLayer } from './keras-layer.js';
import { kerasInputs, kerasLayers, kerasTopology } from './keras-topology.js';

const FILE = 'model.h5';

/** A whole model for `keras.models.load_model`, in the HDF5 layout that all Keras versions read. */
export async function writeKerasH5(model: ExportedModel, folder: string): Promise<string[]> {
	const layers = kerasLayers(model);
	// An operation is no layer to Keras: it has no place among the weights.
	const stored = [...kerasInputs(model), ...layers.filter(({ call }) => call === undefined)];
	const h5 = (await import('h5wasm/node')).default;
	await h5.ready;
	const file = new h5.File(path.join(folder, FILE), 'w');
	const about = (group: Group) => {
		group.create_attribute('keras_version', '2.15.0');
		group.create_attribute('backend', 'tensorflow');
	};
	try {
		about(file);
		file.create_attribute('model_config', JSON.stringify(kerasTopology(model, layers)));
		const weights = file.create_group('model_weights');
		about(weights);
		weights.create_attribute(
			'layer_names',
			stored.map(({ name }) => name),
		);
		for (const layer of stored) writeLayer(weights.create_group(layer.name), layer);
	} finally {
		file.close();
	}
	return [FILE];
}

function writeLayer(group: Group, { name, weights }: KerasLayer): void {
	if (weights.length === 0) {
		// Keras itself writes an empty list as one of numbers.
		group.create_attribute('weight_names', new Float64Array(), [0]);
		return;
	}
	group.create_attribute(
		'weight_names',
		weights.map(({ variable }) => `${name}/${variable}:0`),
	);
	const inner = group.create_group(name);
	for (const { variable, tensor } of weights) {
		inner.create_dataset({ name: `${variable}:0`, data: tensor.values, shape: [...tensor.shape], dtype: '<f4' });
	}
}
