import { INPUT, kerasOrder, zerosAround } from '@graft/domain/architecture';
import {
	cannot,
	type ExportedLayer,
	type ExportedModel,
	endsInClasses,
	PROBABILITIES,
	readsText,
} from './exported-model.js';
import { type Config, type KerasLayer, kerasLayer } from './keras-layer.js';
import { kerasSequence } from './keras-sequence.js';
import { textInputNames } from './operator-graph.js';

/** The model in Keras' terms, in the order of a functional model. @throws GraftError CONFIGURATION for a layer it lacks. */
export function kerasLayers(model: ExportedModel): KerasLayer[] {
	const layers = model.layers.flatMap((one): readonly KerasLayer[] => {
		const sequence = kerasSequence(one, model);
		if (sequence !== null) return sequence;
		const [className, config] = describe(one);
		return [kerasLayer(one.name, className, config, one.inputs, { of: one })];
	});
	const last = model.layers.at(-1)?.name ?? INPUT;
	const softmax = { trainable: true, activation: 'softmax' };
	if (endsInClasses(model)) layers.push(kerasLayer(PROBABILITIES, 'Activation', softmax, [last]));
	return kerasOrder(layers, ({ name }) => name);
}

/** A functional model's configuration, as Keras 2 and TensorFlow.js write it and Keras 3 still reads it. */
export function kerasTopology(model: ExportedModel, layers: readonly KerasLayer[]): Config {
	const at = (name: string) => [name, 0, 0];
	const inputs = kerasInputs(model);
	const named = Object.fromEntries(inputs.map(({ name }) => [name, at(name)]));
	return {
		class_name: 'Functional',
		config: {
			name: 'graft',
			trainable: true,
			layers: [...inputs, ...layers].map(inTopology),
			// Texts have several inputs, and are given by name.
			input_layers: inputs.length === 1 ? [at(INPUT)] : named,
			output_layers: [at(layers.at(-1)?.name ?? INPUT)],
		},
	};
}

/** What the model is given: pictures or numbers, or the tokens of texts as Hugging Face's tokenizers give them. */
export function kerasInputs(model: ExportedModel): KerasLayer[] {
	const input = (name: string, shape: readonly (number | null)[], dtype: string): KerasLayer =>
		kerasLayer(name, 'InputLayer', { batch_input_shape: [null, ...shape], dtype, sparse: false }, []);
	if (!readsText(model)) return [input(INPUT, model.inputShape, 'float32')];
	return textInputNames(model).map((name) => input(name, [null], 'int32'));
}

function inTopology({ name, className, config, inputs, call }: KerasLayer): Config {
	const layer = { class_name: className, name, config };
	if (call !== undefined) {
		const { module, args, kwargs } = call;
		return { ...layer, module, registered_name: className, inbound_nodes: [{ args, kwargs }] };
	}
	return { ...layer, inbound_nodes: inputs.length === 0 ? [] : [inputs.map((source) => [source, 0, 0, {}])] };
}

function describe({ layer, inputShape }: ExportedLayer): readonly [className: string, config: Config] {
	const channels = { data_format: 'channels_last' };
	const plain = { trainable: true, dtype: 'float32' };
	switch (layer.kind) {
		case 'conv2d': {
			const { filters, kernelSize, strides, padding, useBias } = layer;
			const kernel_size = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : [...kernelSize];
			const sizes = { filters, kernel_size, strides: [strides, strides], padding, dilation_rate: [1, 1] };
			return ['Conv2D', { ...plain, ...channels, ...sizes, activation: 'linear', use_bias: useBias }];
		}
		case 'depthwise-conv2d': {
			const { kernelSize: size, strides, padding } = layer;
			const sizes = { kernel_size: [size, size], strides: [strides, strides], padding, depth_multiplier: 1 };
			return ['DepthwiseConv2D', { ...plain, ...channels, ...sizes, activation: 'linear', use_bias: false }];
		}
		case 'zero-pad':
			return [
				'ZeroPadding2D',
				{ ...plain, ...channels, padding: zerosAround(layer, inputShape).map((side) => [...side]) },
			];
		case 'max-pool':
		case 'average-pool': {
			const { size, strides = size, padding = 'valid' } = layer;
			const sizes = { pool_size: [size, size], strides: [strides, strides], padding };
			return [layer.kind === 'max-pool' ? 'MaxPooling2D' : 'AveragePooling2D', { ...plain, ...channels, ...sizes }];
		}
		case 'global-pool': {
			const className = layer.pooling === 'average' ? 'GlobalAveragePooling2D' : 'GlobalMaxPooling2D';
			return [className, { ...plain, ...channels }];
		}
		case 'flatten':
			return ['Flatten', { ...plain, ...channels }];
		case 'batch-norm': {
			const { epsilon, momentum, scale = true } = layer;
			return ['BatchNormalization', { ...plain, axis: -1, momentum, epsilon, center: true, scale }];
		}
		case 'layer-norm':
			return ['LayerNormalization', { ...plain, axis: -1, epsilon: layer.epsilon, center: true, scale: true }];
		case 'relu':
		case 'tanh':
		case 'softmax':
			return ['Activation', { ...plain, activation: layer.kind }];
		case 'relu6':
			return ['ReLU', { ...plain, max_value: 6 }];
		case 'gelu':
			return ['Activation', { ...plain, activation: 'gelu' }];
		case 'add':
			return ['Add', plain];
		case 'concat':
			return ['Concatenate', { ...plain, axis: -1 }];
		case 'dropout':
			return ['Dropout', { ...plain, rate: layer.rate }];
		case 'dense':
			return ['Dense', { ...plain, units: layer.units, activation: 'linear', use_bias: true }];
		default:
			throw cannot('Keras', layer, 'export it as safetensors or onnx');
	}
}
