import { GraftError } from '../error/index.js';
import type { LayerSpec, LayerSummary } from './architecture.js';
import { countLayer } from './layer-shape.js';

/** What a layer that reads the network's own input names. */
export const INPUT = 'input';

export interface GroupedLayer {
	readonly group: string;
	readonly layer: LayerSpec;
}

/**
 * Shapes, weights and cost of a network of layers on inputs of this shape. The layers stand in an order in which each
 * comes after those that it reads. @throws GraftError DATA where the shape does not suit the layers.
 */
export function summarizeLayers(layers: readonly GroupedLayer[], inputShape: readonly number[]): LayerSummary[] {
	const shapes = new Map([[INPUT, inputShape]]);
	let before = INPUT;
	return layers.map(({ group, layer }) => {
		const inputs = layer.inputs ?? [before];
		const read = inputs.map((name) => {
			const shape = shapes.get(name);
			if (shape === undefined)
				throw new GraftError('BUG', `Layer ${layer.name} reads ${name}, which is not before it.`);
			return shape;
		});
		if (shapes.has(layer.name)) throw new GraftError('BUG', `Two layers are called ${layer.name}.`);
		const { outputShape, weights = [], macs = 0 } = countLayer(layer, read);
		shapes.set(layer.name, outputShape);
		before = layer.name;
		return { group, layer, inputs, inputShape: read[0] ?? inputShape, outputShape, weights, macs };
	});
}
