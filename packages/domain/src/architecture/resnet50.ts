import type { Architecture, LayerSpec } from './architecture.js';
import { conv, pooledPredictions, when } from './convolution-blocks.js';

/** He et al. 2015, Table 1: blocks, and filters in the bottleneck, of conv2 to conv5. */
const STAGES = [
	[3, 64],
	[4, 128],
	[6, 256],
	[3, 512],
] as const;

const bn = (name: string, inputs?: readonly string[]): LayerSpec => ({
	...{ kind: 'batch-norm', name, epsilon: 1.001e-5, momentum: 0.99 },
	...(inputs && { inputs }),
});
const relu = (name: string): LayerSpec => ({ kind: 'relu', name });

/** Layer for layer Keras Applications' ResNet50 (v1): its names, its order, biases in all convolutions. */
export const RESNET50: Architecture = {
	name: 'resnet50',
	family: 'resnet',
	modality: 'IMAGE',
	canDownload: true,
	defaultInput: [224, 224, 3],
	preprocessing: 'caffe',
	groups: [
		{ name: 'stem', layers: stem() },
		...STAGES.map(([blocks, filters], stage) => ({
			name: `conv${stage + 2}`,
			layers: Array.from({ length: blocks }, (_, index) =>
				bottleneck(`conv${stage + 2}_block${index + 1}`, inputOf(stage, index), {
					filters,
					strides: stage > 0 && index === 0 ? 2 : 1,
					isFirst: index === 0,
				}),
			).flat(),
		})),
	],
	top: pooledPredictions('avg_pool'),
};

function stem(): LayerSpec[] {
	return [
		{ kind: 'zero-pad', name: 'conv1_pad', padding: 3 },
		conv('conv1_conv', { filters: 64, kernelSize: 7, strides: 2, padding: 'valid', useBias: true }),
		bn('conv1_bn'),
		relu('conv1_relu'),
		{ kind: 'zero-pad', name: 'pool1_pad', padding: 1 },
		{ kind: 'max-pool', name: 'pool1_pool', size: 3, strides: 2 },
	];
}

function inputOf(stage: number, index: number): string {
	if (index > 0) return `conv${stage + 2}_block${index}_out`;
	return stage === 0 ? 'pool1_pool' : `conv${stage + 1}_block${STAGES[stage - 1]?.[0]}_out`;
}

interface Bottleneck {
	readonly filters: number;
	/** Of the first 1 x 1 convolution and of the shortcut; other libraries ("v1.5") stride in the 3 x 3. */
	readonly strides: number;
	/** The first block of a stage widens its shortcut. */
	readonly isFirst: boolean;
}

function bottleneck(name: string, input: string, { filters, strides, isFirst }: Bottleneck): LayerSpec[] {
	const wide = { filters: 4 * filters, kernelSize: 1, useBias: true };
	const inputs = [input];
	return [
		conv(`${name}_1_conv`, { filters, kernelSize: 1, strides, useBias: true, inputs }),
		bn(`${name}_1_bn`),
		relu(`${name}_1_relu`),
		conv(`${name}_2_conv`, { filters, kernelSize: 3, useBias: true }),
		bn(`${name}_2_bn`),
		relu(`${name}_2_relu`),
		...when(isFirst, conv(`${name}_0_conv`, { ...wide, strides, inputs })),
		conv(`${name}_3_conv`, { ...wide, inputs: [`${name}_2_relu`] }),
		...when(isFirst, bn(`${name}_0_bn`, [`${name}_0_conv`])),
		bn(`${name}_3_bn`, [`${name}_3_conv`]),
		{ kind: 'add', name: `${name}_add`, inputs: [isFirst ? `${name}_0_bn` : input, `${name}_3_bn`] },
		relu(`${name}_out`),
	];
}
