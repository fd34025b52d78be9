import { GraftError } from '../error/index.js';
import type { LayerSpec, WeightSpec } from './architecture.js';
import { countConv2d, countDepthwise, countGlobalPool, countPool, countZeroPad } from './image-layers.js';
import { vector } from './layer-weights.js';
import {
	countAttention,
	countColumns,
	countDense,
	countEmbedding,
	countFirstToken,
	countLastToken,
	countLayerNorm,
	countMask,
	countUnembedding,
} from './sequence-layers.js';

type Shape = readonly number[];

/** What one layer makes of its inputs. */
export interface LayerCount {
	readonly outputShape: Shape;
	readonly weights?: readonly WeightSpec[];
	readonly macs?: number;
}

/** Shape, weights and cost of one layer on inputs of these shapes (without the batch dimension). */
export function countLayer(layer: LayerSpec, shapes: readonly Shape[]): LayerCount {
	const [shape = []] = shapes;
	switch (layer.kind) {
		case 'conv2d':
			return countConv2d(layer, shape);
		case 'depthwise-conv2d':
			return countDepthwise(layer, shape);
		case 'zero-pad':
			return countZeroPad(layer, shape);
		case 'max-pool':
		case 'average-pool':
			return countPool(layer, shape);
		case 'global-pool':
			return countGlobalPool(layer, shape);
		case 'batch-norm':
			return { outputShape: shape, weights: batchNormWeights(layer, shape.at(-1) ?? 0) };
		case 'layer-norm':
			return countLayerNorm(layer, shape);
		case 'embedding':
			return countEmbedding(layer, shape);
		case 'attention-mask':
			return countMask(layer, shape);
		case 'attention':
			return countAttention(layer, shape);
		case 'first-token':
			return countFirstToken(layer, shape);
		case 'last-token':
			return countLastToken(layer, shape);
		case 'unembedding':
			return countUnembedding(layer, shape);
		case 'columns':
			return countColumns(layer, shape);
		case 'dense':
			return countDense(layer, shape);
		case 'add':
			return { outputShape: alike(layer, shapes, 0) };
		case 'concat':
			return {
				outputShape: [...alike(layer, shapes, 1), shapes.reduce((sum, one) => sum + (one.at(-1) ?? 0), 0)],
			};
		case 'flatten':
			return { outputShape: [shape.reduce((product, size) => product * size, 1)] };
		case 'take':
			return { outputShape: layer.shape };
		case 'relu':
		case 'relu6':
		case 'tanh':
		case 'gelu':
		case 'softmax':
		case 'dropout':
			return { outputShape: shape };
	}
}

function batchNormWeights(layer: Extract<LayerSpec, { kind: 'batch-norm' }>, channels: number): WeightSpec[] {
	return [
		...(layer.scale === false ? [] : [vector(layer, 'gamma', 'gamma', channels)]),
		vector(layer, 'beta', 'beta', channels),
		vector(layer, 'moving_mean', 'moving-mean', channels),
		vector(layer, 'moving_variance', 'moving-variance', channels),
	];
}

/** The shape that all inputs share, less their last `own` axes. */
function alike(layer: LayerSpec, shapes: readonly Shape[], own: number): Shape {
	const [first = [], ...others] = shapes.map((shape) => shape.slice(0, shape.length - own));
	const odd = others.find((shape) => shape.join(' ') !== first.join(' '));
	if (odd === undefined) return first;
	throw new GraftError('BUG', `Layer ${layer.name} cannot join ${first.join(' x ')} and ${odd.join(' x ')}.`);
}
