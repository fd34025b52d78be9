import type { Architecture, LayerSpec } from '@graft/domain/architecture';

/** Two blocks of a few filters: the network of the weight files in `fixtures/weights`. */
export const TINY_CNN: Architecture = {
	...{ name: 'tiny-cnn', family: 'cnn', modality: 'IMAGE', canDownload: false, defaultInput: [8, 8, 1] },
	groups: [
		{
			name: 'block1',
			layers: [...block('block1', 4), { kind: 'max-pool', name: 'block1_pool', size: 2 }],
		},
		{ name: 'block2', layers: block('block2', 6) },
	],
};

function block(name: string, filters: number): LayerSpec[] {
	return [
		{
			...{ kind: 'conv2d', name: `${name}_conv`, filters, kernelSize: 3 },
			...{ strides: 1, padding: 'same', useBias: false },
		},
		{ kind: 'batch-norm', name: `${name}_bn`, epsilon: 1e-3, momentum: 0.99 },
		{ kind: 'relu', name: `${name}_relu` },
	];
}
