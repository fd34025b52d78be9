import { GraftError } from '../error/index.js';
import type { LayerSpec, Padding } from './architecture.js';
import type { LayerCount } from './layer-shape.js';
import { kernel, vector } from './layer-weights.js';

type Layer<K extends LayerSpec['kind']> = Extract<LayerSpec, { kind: K }>;
type Shape = readonly number[];

export function countConv2d(layer: Layer<'conv2d'>, shape: Shape): LayerCount {
	const [, , channels] = image(layer, shape);
	const [rows, columns] =
		typeof layer.kernelSize === 'number' ? [layer.kernelSize, layer.kernelSize] : layer.kernelSize;
	const [height, width] = windows(layer, shape, [rows, columns], layer.strides, layer.padding);
	const taps = rows * columns;
	const weight = kernel(layer, [rows, columns, channels, layer.filters], taps * channels, taps * layer.filters);
	return {
		outputShape: [height, width, layer.filters],
		weights: layer.useBias ? [weight, vector(layer, 'bias', 'bias', layer.filters)] : [weight],
		macs: height * width * taps * channels * layer.filters,
	};
}

export function countDepthwise(layer: Layer<'depthwise-conv2d'>, shape: Shape): LayerCount {
	const [, , channels] = image(layer, shape);
	const size = layer.kernelSize;
	const [height, width] = windows(layer, shape, [size, size], layer.strides, layer.padding);
	const taps = size * size;
	return {
		outputShape: [height, width, channels],
		weights: [kernel(layer, [size, size, channels, 1], taps, taps)],
		macs: height * width * taps * channels,
	};
}

export function countZeroPad(layer: Layer<'zero-pad'>, shape: Shape): LayerCount {
	const [height, width, channels] = image(layer, shape);
	const [[top, bottom], [left, right]] = zerosAround(layer, shape);
	return { outputShape: [height + top + bottom, width + left + right, channels] };
}

type Sides = readonly [before: number, after: number];

/** Zeros above and below, left and right of an image of this shape. */
export function zerosAround({ padding }: Layer<'zero-pad'>, shape: Shape): readonly [rows: Sides, columns: Sides] {
	const [height = 0, width = 0] = shape;
	if (typeof padding === 'number') return [pair(padding), pair(padding)];
	const sides = (size: number): Sides => {
		const { kernelSize, strides } = padding;
		const total = Math.max(0, (Math.ceil(size / strides) - 1) * strides + kernelSize - size);
		return [Math.floor(total / 2), Math.ceil(total / 2)];
	};
	return [sides(height), sides(width)];
}

const pair = (size: number): Sides => [size, size];

export function countPool(layer: Layer<'max-pool' | 'average-pool'>, shape: Shape): LayerCount {
	const [, , channels] = image(layer, shape);
	const { size, strides = size, padding = 'valid' } = layer;
	const [height, width] = windows(layer, shape, [size, size], strides, padding);
	return { outputShape: [height, width, channels] };
}

export function countGlobalPool(layer: Layer<'global-pool'>, shape: Shape): LayerCount {
	const [, , channels] = image(layer, shape);
	return { outputShape: [channels] };
}

function image(layer: LayerSpec, shape: Shape): readonly [height: number, width: number, channels: number] {
	const [height, width, channels] = shape;
	if (shape.length !== 3 || height === undefined || width === undefined || channels === undefined) {
		const found = shape.join(' x ') || 'a single number';
		throw new GraftError('DATA', `Layer ${layer.name} needs height x width x channels and got ${found}.`);
	}
	return [height, width, channels];
}

/** How many windows fit, rows and columns. */
function windows(
	layer: LayerSpec,
	shape: Shape,
	[rows, columns]: readonly [rows: number, columns: number],
	strides: number,
	padding: Padding,
): readonly [rows: number, columns: number] {
	const [height, width] = image(layer, shape);
	const fit = (size: number, window: number) =>
		padding === 'same' ? Math.ceil(size / strides) : Math.floor((size - window) / strides) + 1;
	const found = [fit(height, rows), fit(width, columns)] as const;
	if (found[0] >= 1 && found[1] >= 1) return found;
	throw new GraftError(
		'DATA',
		`Layer ${layer.name} takes windows of ${rows} x ${columns}, but only ${shape.join(' x ')} is left here: use larger images.`,
	);
}
