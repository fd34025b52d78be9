import { type LayerSpec, zerosAround } from '@graft/domain/architecture';
import type { FloatTensor } from '../safetensors/index.js';
import type { ExportedLayer } from './exported-model.js';
import { type Attributes, type Operator, operator } from './graph-operator.js';
import type { OperatorLayer } from './operator-layer.js';

type Sides = readonly [before: number, after: number];

/** Operators of a layer for images and flat features; null for one of sequences. */
export function imageOperators({ one, inputs, weight, stored, scalar, whole }: OperatorLayer): Operator[] | null {
	const { layer, name, inputShape } = one;
	const [x = ''] = inputs;
	const isImage = inputShape.length === 3;
	switch (layer.kind) {
		case 'conv2d': {
			const kernel = weight('kernel');
			const [rows = 1, columns = 1] = kernel.shape;
			const bias = layer.useBias ? [stored('bias')] : [];
			return [
				operator(
					'Conv',
					[x, stored('kernel', channelsFirst(kernel)), ...bias],
					name,
					windows(layer, one, [rows, columns]),
				),
			];
		}
		case 'depthwise-conv2d': {
			const { kernelSize: size } = layer;
			const kernel = stored('kernel', depthwise(weight('kernel')));
			return [
				operator('Conv', [x, kernel], name, {
					...windows(layer, one, [size, size]),
					group: inputShape[2] ?? 1,
				}),
			];
		}
		case 'zero-pad': {
			const [[top, bottom], [left, right]] = zerosAround(layer, inputShape);
			const pads = whole('pads', [0, 0, top, left, 0, 0, bottom, right]);
			return [operator('Pad', [x, pads], name, { mode: 'constant' })];
		}
		case 'max-pool':
			return [
				operator(
					'MaxPool',
					[x],
					name,
					windows({ ...layer, strides: layer.strides ?? layer.size }, one, square(layer.size)),
				),
			];
		case 'average-pool': {
			const window = windows(layer, one, square(layer.size));
			return [operator('AveragePool', [x], name, { ...window, count_include_pad: 0 })];
		}
		case 'global-pool': {
			const operation = layer.pooling === 'average' ? 'ReduceMean' : 'ReduceMax';
			return [operator(operation, [x], name, { axes: [2, 3], keepdims: 0 })];
		}
		case 'batch-norm': {
			const beta = weight('beta');
			const ones: FloatTensor = { shape: beta.shape, values: new Float32Array(beta.values.length).fill(1) };
			const gamma = layer.scale === false ? stored('gamma', ones) : stored('gamma');
			const read = [x, gamma, stored('beta'), stored('moving_mean'), stored('moving_variance')];
			return [operator('BatchNormalization', read, name, { epsilon: layer.epsilon })];
		}
		case 'relu':
			return [operator('Relu', [x], name)];
		case 'relu6':
			return [operator('Clip', [x, scalar('low', 0), scalar('high', 6)], name)];
		case 'tanh':
			return [operator('Tanh', [x], name)];
		case 'softmax':
			return [operator('Softmax', [x], name, { axis: -1 })];
		case 'gelu':
			return layer.approximation === 'none' ? gelu(name, x, scalar) : geluByTanh(name, x, scalar);
		case 'add':
			return [operator('Sum', inputs, name)];
		case 'concat':
			return [operator('Concat', inputs, name, { axis: isImage ? 1 : -1 })];
		case 'flatten': {
			if (!isImage) return [operator('Flatten', [x], name, { axis: 1 })];
			const back = operator('Transpose', [x], `${name}/channels_last`, { perm: [0, 2, 3, 1] });
			return [back, operator('Flatten', [`${name}/channels_last`], name, { axis: 1 })];
		}
		case 'dropout':
			return [operator('Identity', [x], name)];
		case 'dense':
			if (inputShape.length === 1) return [operator('Gemm', [x, stored('kernel'), stored('bias')], name)];
			break;
	}
	return null;
}

type Scalar = OperatorLayer['scalar'];

/** x (1 + erf(x / sqrt 2)) / 2 */
const gelu = (name: string, x: string, scalar: Scalar): Operator[] => [
	operator('Mul', [x, scalar('root', Math.SQRT1_2)], `${name}/scaled`),
	operator('Erf', [`${name}/scaled`], `${name}/erf`),
	operator('Add', [`${name}/erf`, scalar('one', 1)], `${name}/raised`),
	operator('Mul', [x, `${name}/raised`], `${name}/product`),
	operator('Mul', [`${name}/product`, scalar('half', 0.5)], name),
];

/** x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 */
const geluByTanh = (name: string, x: string, scalar: Scalar): Operator[] => [
	operator('Mul', [x, x], `${name}/square`),
	operator('Mul', [`${name}/square`, x], `${name}/cube`),
	operator('Mul', [`${name}/cube`, scalar('cubic', 0.044715)], `${name}/share`),
	operator('Add', [x, `${name}/share`], `${name}/bent`),
	operator('Mul', [`${name}/bent`, scalar('root', Math.sqrt(2 / Math.PI))], `${name}/scaled`),
	operator('Tanh', [`${name}/scaled`], `${name}/tanh`),
	operator('Add', [`${name}/tanh`, scalar('one', 1)], `${name}/raised`),
	operator('Mul', [x, `${name}/raised`], `${name}/product`),
	operator('Mul', [`${name}/product`, scalar('half', 0.5)], name),
];

const square = (size: number): readonly [number, number] => [size, size];

/** Attributes of an operator with windows; `same` puts the odd zero behind, as TensorFlow does. */
function windows(
	{
		strides,
		padding = 'valid',
	}: Pick<Extract<LayerSpec, { kind: 'average-pool' }>, 'strides'> & { padding?: 'same' | 'valid' },
	{ inputShape }: ExportedLayer,
	[rows, columns]: readonly [number, number],
): Attributes {
	const around = (size: number, window: number): Sides => {
		if (padding === 'valid') return [0, 0];
		const total = Math.max(0, (Math.ceil(size / strides) - 1) * strides + window - size);
		return [Math.floor(total / 2), Math.ceil(total / 2)];
	};
	const [[top, bottom], [left, right]] = [around(inputShape[0] ?? 0, rows), around(inputShape[1] ?? 0, columns)];
	return { kernel_shape: [rows, columns], strides: [strides, strides], pads: [top, left, bottom, right] };
}

/** Height, width, inputs, outputs to outputs, inputs, height, width. */
function channelsFirst({ shape, values }: FloatTensor): FloatTensor {
	const [rows = 1, columns = 1, inputs = 1, outputs = 1] = shape;
	const taps = rows * columns;
	const turned = new Float32Array(values.length);
	let at = 0;
	for (let tap = 0; tap < taps; tap++) {
		for (let input = 0; input < inputs; input++) {
			for (let output = 0; output < outputs; output++)
				turned[(output * inputs + input) * taps + tap] = values[at++] ?? 0;
		}
	}
	return { shape: [outputs, inputs, rows, columns], values: turned };
}

/** A depthwise kernel has one output a channel: channels, 1, height, width. */
function depthwise({ shape, values }: FloatTensor): FloatTensor {
	const [rows = 1, columns = 1, channels = 1] = shape;
	return channelsFirst({ shape: [rows, columns, 1, channels], values });
}
