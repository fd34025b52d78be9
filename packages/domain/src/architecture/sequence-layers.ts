import { GraftError } from '../error/index.js';
import type { LayerSpec, WeightSpec } from './architecture.js';
import type { LayerCount } from './layer-shape.js';
import { kernel, vector } from './layer-weights.js';

type Layer<K extends LayerSpec['kind']> = Extract<LayerSpec, { kind: K }>;
type Shape = readonly number[];

/** Rows of a text's input: ids, mask, segments. */
export const TOKEN_ROWS = 3;

export function countEmbedding(layer: Layer<'embedding'>, shape: Shape): LayerCount {
	const length = tokens(layer, shape);
	if (layer.of === 'positions' && length > layer.entries) {
		throw new GraftError(
			'DATA',
			`Layer ${layer.name} knows ${layer.entries} positions, and the texts are ${length} tokens long: shorten them.`,
		);
	}
	const table: WeightSpec = {
		name: `${layer.name}/embeddings`,
		role: 'embedding',
		shape: [layer.entries, layer.units],
		fanIn: layer.entries,
		fanOut: layer.units,
	};
	return { outputShape: [length, layer.units], weights: [table] };
}

export const countMask = (layer: LayerSpec, shape: Shape): LayerCount => ({ outputShape: [tokens(layer, shape)] });

/** Scores and their weighted sums: each is tokens x tokens x features. */
export function countAttention(layer: Layer<'attention'>, shape: Shape): LayerCount {
	const [length, units] = sequence(layer, shape);
	if (units % layer.heads !== 0) {
		throw new GraftError('BUG', `Layer ${layer.name} cannot share ${units} features among ${layer.heads} heads.`);
	}
	return { outputShape: [length, units], macs: 2 * length * length * units };
}

export function countLayerNorm(layer: Layer<'layer-norm'>, shape: Shape): LayerCount {
	const units = shape.at(-1) ?? 0;
	return {
		outputShape: shape,
		weights: [vector(layer, 'gamma', 'scale', units), vector(layer, 'beta', 'bias', units)],
	};
}

/** On flat features, or on those of each token. */
export function countDense(layer: Layer<'dense'>, shape: Shape): LayerCount {
	const features = shape.at(-1);
	if (shape.length < 1 || shape.length > 2 || features === undefined) {
		throw new GraftError('DATA', `Layer ${layer.name} needs a flat input and got ${shape.join(' x ')}.`);
	}
	const rows = shape.length === 2 ? (shape[0] ?? 1) : 1;
	return {
		outputShape: [...shape.slice(0, -1), layer.units],
		weights: [
			kernel(layer, [features, layer.units], features, layer.units),
			vector(layer, 'bias', 'bias', layer.units),
		],
		macs: rows * features * layer.units,
	};
}

export const countLastToken = countFirstToken;

export function countUnembedding(layer: Layer<'unembedding'>, shape: Shape): LayerCount {
	const [length, features] = sequence(layer, shape);
	const table: WeightSpec = {
		name: `${layer.name}/embeddings`,
		role: 'embedding',
		shape: [layer.units, features],
		fanIn: features,
		fanOut: layer.units,
	};
	return {
		outputShape: [length, layer.units],
		weights: layer.tied ? [] : [table],
		macs: length * features * layer.units,
	};
}

/** A stretch of the last axis. */
export function countColumns(layer: Layer<'columns'>, shape: Shape): LayerCount {
	const width = shape.at(-1) ?? 0;
	if (layer.begin + layer.units > width) {
		throw new GraftError(
			'BUG',
			`Layer ${layer.name} cannot take ${layer.units} of ${width} columns from ${layer.begin}.`,
		);
	}
	return { outputShape: [...shape.slice(0, -1), layer.units] };
}

export function countFirstToken(layer: LayerSpec, shape: Shape): LayerCount {
	const [, units] = sequence(layer, shape);
	return { outputShape: [units] };
}

function sequence(layer: LayerSpec, shape: Shape): readonly [length: number, units: number] {
	const [length, units] = shape;
	if (shape.length === 2 && length !== undefined && units !== undefined) return [length, units];
	throw new GraftError('DATA', `Layer ${layer.name} needs tokens x features and got ${shape.join(' x ')}.`);
}

function tokens(layer: LayerSpec, shape: Shape): number {
	const [rows, length] = shape;
	if (shape.length === 2 && rows === TOKEN_ROWS && length !== undefined) return length;
	throw new GraftError(
		'DATA',
		`Layer ${layer.name} reads text as ${TOKEN_ROWS} x tokens (ids, mask, segments) and got ${shape.join(' x ')}.`,
	);
}
