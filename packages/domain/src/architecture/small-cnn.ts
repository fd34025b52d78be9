import type { Architecture, LayerSpec } from './architecture.js';

/**
 * Four convolution blocks for images of about 8 x 8 to 64 x 64 pixels: small enough to train on a CPU in seconds, deep
 * enough that the depth of freezing matters.
 */
export const SMALL_CNN: Architecture = {
	name: 'small-cnn',
	family: 'cnn',
	modality: 'IMAGE',
	canDownload: false,
	defaultInput: [8, 8, 1],
	groups: [
		{ name: 'block1', layers: block('block1', 32, false) },
		{ name: 'block2', layers: block('block2', 32, true) },
		{ name: 'block3', layers: block('block3', 64, false) },
		{ name: 'block4', layers: block('block4', 64, true) },
	],
};

function block(name: string, filters: number, pool: boolean): LayerSpec[] {
	const layers: LayerSpec[] = [
		// No bias: BatchNorm's beta is one already.
		{
			kind: 'conv2d',
			name: `${name}_conv`,
			filters,
			kernelSize: 3,
			strides: 1,
			padding: 'same',
			useBias: false,
		},
		// Momentum .9 instead of Keras' .99: the statistics must settle within the few hundred steps of a small data set.
		{ kind: 'batch-norm', name: `${name}_bn`, epsilon: 1e-3, momentum: 0.9 },
		{ kind: 'relu', name: `${name}_relu` },
	];
	if (pool) layers.push({ kind: 'max-pool', name: `${name}_pool`, size: 2 });
	return layers;
}
