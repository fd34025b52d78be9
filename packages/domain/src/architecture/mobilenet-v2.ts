import type { Architecture, LayerSpec } from './architecture.js';
import { conv, pooledPredictions, when } from './convolution-blocks.js';

/** Sandler et al. 2018, Table 2: expansion, output channels, repeats, stride of the first. */
const STAGES = [
	[1, 16, 1, 1],
	[6, 24, 2, 2],
	[6, 32, 3, 2],
	[6, 64, 4, 2],
	[6, 96, 3, 1],
	[6, 160, 3, 2],
	[6, 320, 1, 1],
] as const;

const relu6 = (name: string): LayerSpec => ({ kind: 'relu6', name });
const bn = (name: string): LayerSpec => ({ kind: 'batch-norm', name, epsilon: 1e-3, momentum: 0.999 });

interface Block {
	readonly name: string;
	readonly expansion: number;
	readonly channels: number;
	readonly filters: number;
	readonly strides: number;
}

function blocks(): Block[] {
	let channels = 32;
	const all = STAGES.flatMap(([expansion, filters, repeats, stride]) =>
		Array.from({ length: repeats }, (_, index) => {
			const block = { expansion, channels, filters, strides: index === 0 ? stride : 1 };
			channels = filters;
			return block;
		}),
	);
	return all.map((block, index) => ({ ...block, name: index === 0 ? 'expanded_conv' : `block_${index}` }));
}

/** Inverted residual: widen, filter each channel, narrow without an activation. */
function invertedResidual({ name, expansion, channels, filters, strides }: Block, input: string): LayerSpec[] {
	return [
		...when(
			expansion > 1,
			conv(`${name}_expand`, { filters: expansion * channels, kernelSize: 1 }),
			bn(`${name}_expand_BN`),
			relu6(`${name}_expand_relu`),
		),
		...when(strides > 1, { kind: 'zero-pad', name: `${name}_pad`, padding: { kernelSize: 3, strides } }),
		{
			...{ kind: 'depthwise-conv2d', name: `${name}_depthwise`, kernelSize: 3, strides },
			padding: strides > 1 ? 'valid' : 'same',
		},
		bn(`${name}_depthwise_BN`),
		relu6(`${name}_depthwise_relu`),
		conv(`${name}_project`, { filters, kernelSize: 1 }),
		bn(`${name}_project_BN`),
		...when(strides === 1 && channels === filters, {
			...{ kind: 'add', name: `${name}_add`, inputs: [input, `${name}_project_BN`] },
		}),
	];
}

function groups(): Architecture['groups'] {
	const stem: LayerSpec[] = [
		conv('Conv1', { filters: 32, kernelSize: 3, strides: 2 }),
		bn('bn_Conv1'),
		relu6('Conv1_relu'),
	];
	const top: LayerSpec[] = [conv('Conv_1', { filters: 1280, kernelSize: 1 }), bn('Conv_1_bn'), relu6('out_relu')];
	let input = 'Conv1_relu';
	const inner = blocks().flatMap((block) => {
		const layers = invertedResidual(block, input);
		input = layers.at(-1)?.name ?? input;
		// TensorFlow's tutorial thaws from layer 100, behind the first two layers of this block: a freeze point of its own.
		const split = block.name === 'block_11' ? 2 : 0;
		const whole = { name: block.name, layers: layers.slice(split) };
		return split === 0 ? [whole] : [{ name: `${block.name}_expand`, layers: layers.slice(0, split) }, whole];
	});
	return [{ name: 'stem', layers: stem }, ...inner, { name: 'top', layers: top }];
}

/** Layer for layer Keras Applications' MobileNetV2 of width 1. */
export const MOBILENET_V2: Architecture = {
	name: 'mobilenet-v2',
	family: 'mobilenet',
	modality: 'IMAGE',
	canDownload: true,
	defaultInput: [224, 224, 3],
	preprocessing: 'tf',
	groups: groups(),
	top: pooledPredictions('global_average_pooling2d'),
};
