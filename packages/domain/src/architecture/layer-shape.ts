import { GraftError } from '../error/index.js';
import type { LayerSpec, LayerSummary, WeightRole, WeightSpec } from './architecture.js';

/** Shapes, weights and cost of one layer on inputs of this shape (without the batch dimension). */
export function summarizeLayer(layer: LayerSpec, inputShape: readonly number[], group: string): LayerSummary {
	const summary = (outputShape: readonly number[], weights: readonly WeightSpec[] = [], macs = 0): LayerSummary => ({
		group,
		layer,
		inputShape,
		outputShape,
		weights,
		macs,
	});
	switch (layer.kind) {
		case 'conv2d': {
			const [height, width, channels] = image(layer, inputShape);
			const size = layer.kernelSize;
			const outputHeight = convolved(height, size, layer.strides, layer.padding);
			const outputWidth = convolved(width, size, layer.strides, layer.padding);
			if (outputHeight < 1 || outputWidth < 1) throw tooSmall(layer, inputShape, size);
			const taps = size * size;
			const kernel: WeightSpec = {
				name: `${layer.name}/kernel`,
				role: 'kernel',
				shape: [size, size, channels, layer.filters],
				fanIn: taps * channels,
				fanOut: taps * layer.filters,
			};
			return summary(
				[outputHeight, outputWidth, layer.filters],
				layer.useBias ? [kernel, vector(layer, 'bias', 'bias', layer.filters)] : [kernel],
				outputHeight * outputWidth * taps * channels * layer.filters,
			);
		}
		case 'batch-norm': {
			const channels = inputShape.at(-1) ?? 0;
			return summary(inputShape, [
				vector(layer, 'gamma', 'gamma', channels),
				vector(layer, 'beta', 'beta', channels),
				vector(layer, 'moving_mean', 'moving-mean', channels),
				vector(layer, 'moving_variance', 'moving-variance', channels),
			]);
		}
		case 'relu':
		case 'dropout':
			return summary(inputShape);
		case 'max-pool': {
			const [height, width, channels] = image(layer, inputShape);
			if (height < layer.size || width < layer.size) throw tooSmall(layer, inputShape, layer.size);
			return summary([Math.floor(height / layer.size), Math.floor(width / layer.size), channels]);
		}
		case 'global-pool': {
			const [, , channels] = image(layer, inputShape);
			return summary([channels]);
		}
		case 'flatten':
			return summary([inputShape.reduce((product, size) => product * size, 1)]);
		case 'dense': {
			const [features] = inputShape;
			if (inputShape.length !== 1 || features === undefined) {
				throw new GraftError('DATA', `Layer ${layer.name} needs a flat input and got ${text(inputShape)}.`);
			}
			const kernel: WeightSpec = {
				name: `${layer.name}/kernel`,
				role: 'kernel',
				shape: [features, layer.units],
				fanIn: features,
				fanOut: layer.units,
			};
			return summary([layer.units], [kernel, vector(layer, 'bias', 'bias', layer.units)], features * layer.units);
		}
	}
}

function vector(layer: LayerSpec, variable: string, role: WeightRole, size: number): WeightSpec {
	return { name: `${layer.name}/${variable}`, role, shape: [size], fanIn: size, fanOut: size };
}

function image(layer: LayerSpec, shape: readonly number[]): [height: number, width: number, channels: number] {
	const [height, width, channels] = shape;
	if (shape.length !== 3 || height === undefined || width === undefined || channels === undefined) {
		throw new GraftError('DATA', `Layer ${layer.name} needs height x width x channels and got ${text(shape)}.`);
	}
	return [height, width, channels];
}

function convolved(size: number, kernel: number, strides: number, padding: 'same' | 'valid'): number {
	return padding === 'same' ? Math.ceil(size / strides) : Math.floor((size - kernel) / strides) + 1;
}

const text = (shape: readonly number[]): string => shape.join(' x ') || 'a single number';

function tooSmall(layer: LayerSpec, shape: readonly number[], size: number): GraftError {
	return new GraftError(
		'DATA',
		`Layer ${layer.name} takes windows of ${size} x ${size}, but only ${text(shape)} is left here: use larger images.`,
	);
}
