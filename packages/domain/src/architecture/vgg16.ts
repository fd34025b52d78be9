import type { Architecture, LayerSpec } from './architecture.js';
import { conv, predictions } from './convolution-blocks.js';

/** Simonyan and Zisserman 2014, configuration D: convolutions and filters of the five blocks. */
const BLOCKS = [
	[2, 64],
	[2, 128],
	[3, 256],
	[3, 512],
	[3, 512],
] as const;

export const VGG16: Architecture = {
	name: 'vgg16',
	family: 'vgg',
	modality: 'IMAGE',
	canDownload: true,
	defaultInput: [224, 224, 3],
	preprocessing: 'caffe',
	groups: BLOCKS.map(([convolutions, filters], index) => {
		const name = `block${index + 1}`;
		const layers = Array.from({ length: convolutions }, (_, at): LayerSpec[] => [
			conv(`${name}_conv${at + 1}`, { filters, kernelSize: 3, useBias: true }),
			{ kind: 'relu', name: `${name}_relu${at + 1}` },
		]);
		return { name, layers: [...layers.flat(), { kind: 'max-pool', name: `${name}_pool`, size: 2 }] };
	}),
	top: [
		{ kind: 'flatten', name: 'flatten' },
		{ kind: 'dense', name: 'fc1', units: 4096 },
		{ kind: 'relu', name: 'fc1_relu' },
		{ kind: 'dense', name: 'fc2', units: 4096 },
		{ kind: 'relu', name: 'fc2_relu' },
		...predictions(),
	],
};
