import type { LayerSpec } from '@graft/domain/architecture';
import type { FloatTensor } from '../safetensors/index.js';
import type { ExportedLayer, ExportedModel } from './exported-model.js';
import { type KerasLayer, kerasLayer, kerasOperation, output, slice } from './keras-layer.js';
import { TEXT_INPUTS } from './sequence-operators.js';
import { transposed } from './transposed.js';

const COUNT = 'tokens.count';
const POSITIONS = 'tokens.positions';
const SEEN = 'mask.seen';
const PLAIN = { trainable: true, dtype: 'float32' };
const ALL = slice(null, null);

/**
 * A layer for texts in Keras' terms: layers with weights are Keras' own of the same name, what lies between them is of
 * `keras.ops`, so that `load_model` needs no code of ours. Null for a layer of other networks.
 */
export function kerasSequence(one: ExportedLayer, model: ExportedModel): KerasLayer[] | null {
	const { layer, name, inputs, inputShape } = one;
	const [x = '', mask = ''] = inputs;
	const of = { of: one };
	switch (layer.kind) {
		case 'attention-mask':
			return masks(model);
		case 'embedding': {
			const from = { tokens: TEXT_INPUTS.ids, segments: TEXT_INPUTS.segments, positions: POSITIONS };
			const sizes = { input_dim: layer.entries, output_dim: layer.units, mask_zero: false };
			return [kerasLayer(name, 'Embedding', { ...PLAIN, ...sizes }, [from[layer.of]], of)];
		}
		case 'attention':
			return attention(layer, one);
		case 'gelu':
			if (layer.approximation === 'none') return null;
			return [kerasOperation(name, ['nn', 'Gelu'], [output(x)], { approximate: true })];
		case 'columns': {
			const key = [...inputShape.map(() => ALL), slice(layer.begin, layer.begin + layer.units)];
			return [kerasOperation(name, ['numpy', 'GetItem'], [output(x), key])];
		}
		case 'first-token':
			return [kerasOperation(name, ['numpy', 'GetItem'], [output(x), [ALL, 0]])];
		case 'last-token':
			return lastToken(one, mask);
		case 'unembedding': {
			// A Dense layer for either: no layer that all versions have reads another one's table.
			const table = layer.tied ? model.tensors.get(`backbone/${layer.table}/embeddings`) : one.weights[0]?.tensor;
			const kernel = { variable: 'kernel', tensor: transposed(table as FloatTensor) };
			const sizes = { units: layer.units, activation: 'linear', use_bias: false };
			return [kerasLayer(name, 'Dense', { ...PLAIN, ...sizes }, [x], { ...of, weights: [kernel] })];
		}
		default:
			return null;
	}
}

const reshape = (name: string, from: string, to: readonly number[]): KerasLayer =>
	kerasLayer(name, 'Reshape', { ...PLAIN, target_shape: to }, [from]);

/** Places of the tokens, from 0; and which tokens one may look at, batch x 1 x (1 or tokens) x tokens. */
function masks({ layers }: ExportedModel): KerasLayer[] {
	const isCausal = layers.some(({ layer }) => layer.kind === 'attention' && layer.causal === true);
	const own = 'mask.tokens';
	const both = [output('mask.keys'), output('mask.earlier')];
	return [
		kerasOperation('tokens.ones', ['numpy', 'OnesLike'], [output(TEXT_INPUTS.ids)]),
		kerasOperation(COUNT, ['numpy', 'Cumsum'], [output('tokens.ones')], { axis: 1 }),
		kerasOperation(POSITIONS, ['numpy', 'Subtract'], [output(COUNT), output('tokens.ones')]),
		kerasOperation(own, ['core', 'Cast'], [output(TEXT_INPUTS.mask)], { dtype: 'bool' }),
		reshape(isCausal ? 'mask.keys' : SEEN, own, [1, 1, -1]),
		...(isCausal
			? [
					reshape('mask.columns', COUNT, [1, 1, -1]),
					reshape('mask.rows', COUNT, [1, -1, 1]),
					kerasOperation('mask.earlier', ['numpy', 'GreaterEqual'], [output('mask.rows'), output('mask.columns')]),
					kerasOperation(SEEN, ['numpy', 'LogicalAnd'], both),
				]
			: []),
	];
}

function attention({ heads }: Extract<LayerSpec, { kind: 'attention' }>, one: ExportedLayer): KerasLayer[] {
	const { name, inputs, outputShape } = one;
	const units = outputShape.at(-1) ?? 0;
	const parts = ['queries', 'keys', 'values'].map((part) => `${name}.${part}_by_head`);
	return [
		...parts.map((part, index) => reshape(part, inputs[index] ?? '', [-1, heads, units / heads])),
		kerasOperation(`${name}.heads`, ['nn', 'DotProductAttention'], parts.map(output), {}, { mask: output(SEEN) }),
		reshape(name, `${name}.heads`, [-1, units]),
	];
}

/** The features at the highest place that has a token. */
function lastToken({ name, inputs: [x = ''], outputShape }: ExportedLayer, mask: string): KerasLayer[] {
	const [places, last, is] = ['places', 'last', 'is'].map((part) => `${name}.${part}`) as [string, string, string];
	return [
		kerasOperation(places, ['numpy', 'Multiply'], [output(COUNT), output(mask)]),
		kerasOperation(last, ['numpy', 'Max'], [output(places)], { axis: 1, keepdims: true }),
		kerasOperation(is, ['numpy', 'Equal'], [output(places), output(last)]),
		kerasOperation(`${is}.number`, ['core', 'Cast'], [output(is)], { dtype: 'float32' }),
		reshape(`${is}.row`, `${is}.number`, [1, -1]),
		kerasOperation(`${name}.found`, ['numpy', 'Matmul'], [output(`${is}.row`), output(x)]),
		reshape(name, `${name}.found`, outputShape),
	];
}
