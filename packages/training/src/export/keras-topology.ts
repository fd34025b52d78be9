import { kerasOrder, zerosAround } from '@graft/domain/architecture';
import { cannot, type ExportedLayer, type ExportedModel, endsInClasses, PROBABILITIES } from './exported-model.js';

type Config = Readonly<Record<string, unknown>>;

export interface KerasLayer {
	readonly name: string;
	readonly className: string;
	readonly config: Config;
	readonly inputs: readonly string[];
	/** The layer whose weights it has, in Keras' order; null for one that the export adds. */
	readonly of: ExportedLayer | null;
}

/** The model in Keras' terms, in the order of a functional model. @throws GraftError CONFIGURATION for a layer it lacks. */
export function kerasLayers(model: ExportedModel, format: string): KerasLayer[] {
	const layers: KerasLayer[] = model.layers.map((one) => {
		const [className, config] = describe(one, format);
		return { name: one.name, className, config: { name: one.name, ...config }, inputs: one.inputs, of: one };
	});
	const last = model.layers.at(-1)?.name ?? 'input';
	const softmax = { name: PROBABILITIES, trainable: true, activation: 'softmax' };
	if (endsInClasses(model)) {
		layers.push({ name: PROBABILITIES, className: 'Activation', config: softmax, inputs: [last], of: null });
	}
	return kerasOrder(layers, ({ name }) => name);
}

/** A functional model's configuration, as Keras 2 and TensorFlow.js write it and Keras 3 still reads it. */
export function kerasTopology(model: ExportedModel, layers: readonly KerasLayer[]): Config {
	const at = (name: string) => [name, 0, 0];
	const input = {
		class_name: 'InputLayer',
		name: 'input',
		inbound_nodes: [],
		config: { batch_input_shape: [null, ...model.inputShape], dtype: 'float32', sparse: false, name: 'input' },
	};
	return {
		class_name: 'Functional',
		config: {
			name: 'graft',
			trainable: true,
			layers: [
				input,
				...layers.map(({ name, className, config, inputs }) => ({
					class_name: className,
					name,
					config,
					inbound_nodes: [inputs.map((source) => [source, 0, 0, {}])],
				})),
			],
			input_layers: [at('input')],
			output_layers: [at(layers.at(-1)?.name ?? 'input')],
		},
	};
}

function describe({ layer, inputShape }: ExportedLayer, format: string): readonly [className: string, config: Config] {
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
			if (layer.approximation === 'none') return ['Activation', { ...plain, activation: 'gelu' }];
			throw cannot(format, layer, 'export it as safetensors or onnx');
		case 'add':
			return ['Add', plain];
		case 'concat':
			return ['Concatenate', { ...plain, axis: -1 }];
		case 'dropout':
			return ['Dropout', { ...plain, rate: layer.rate }];
		case 'dense':
			return ['Dense', { ...plain, units: layer.units, activation: 'linear', use_bias: true }];
		default:
			throw cannot(format, layer, 'export it as safetensors or onnx');
	}
}
