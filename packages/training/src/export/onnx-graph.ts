import { INPUT, TOKEN_ROWS } from '@graft/domain/architecture';
import type { FloatTensor } from '../safetensors/index.js';
import { cannot, type ExportedModel } from './exported-model.js';
import { imageOperators } from './onnx-image-layers.js';
import type { OnnxLayer } from './onnx-layer.js';
import { attribute, floats, type Message, node, type Size } from './onnx-message.js';
import { maskName, sequenceOperators, TEXT_INPUTS } from './onnx-sequence-layers.js';

export interface OnnxGraph {
	readonly nodes: readonly Message[];
	readonly initializers: readonly Message[];
	/** Name, sizes after the batch, and whether it is of whole numbers. */
	readonly inputs: readonly { readonly name: string; readonly sizes: readonly Size[]; readonly isWhole: boolean }[];
	readonly output: { readonly name: string; readonly sizes: readonly Size[] };
}

/** The sequence's length, which a reader may choose for each batch. */
const TOKENS: Size = 'tokens';

/**
 * The model as ONNX operators. Of images the input is as in training, height x width x channels, and turned once: ONNX
 * convolves channels first. Texts have Hugging Face's inputs: `input_ids`, `attention_mask` and, where there are segments,
 * `token_type_ids`, all batch x tokens. @throws GraftError CONFIGURATION for layers that ONNX is not written for.
 */
export function onnxGraph(model: ExportedModel): OnnxGraph {
	const nodes: Message[] = [];
	const initializers: Message[] = [];
	const made = new Set<string>();
	const isText = model.layers.some(({ layer }) => layer.kind === 'embedding');
	const isImage = model.inputShape.length === 3;
	const turned = 'input_channels_first';
	// Our mask of numbers is called as the input of whole ones is.
	const masks = model.layers.filter(({ layer }) => layer.kind === 'attention-mask');
	const renamed = new Map(masks.map(({ name }) => [name, maskName(name)]));
	if (isImage) renamed.set(INPUT, turned);
	if (isImage) nodes.push(node('Transpose', [INPUT], turned, [attribute('perm', [0, 3, 1, 2])]));
	for (const one of model.layers) {
		const constant: OnnxLayer['constant'] = (suffix, write) => {
			const name = `${one.name}/${suffix}`;
			initializers.push(write(name));
			return name;
		};
		const weight = (variable: string): FloatTensor => {
			const found = one.weights.find((entry) => entry.variable === variable);
			if (found === undefined) throw new Error(`layer ${one.name} has no ${variable}`);
			return found.tensor;
		};
		const layer: OnnxLayer = {
			...{ one, weight, constant },
			inputs: one.inputs.map((name) => renamed.get(name) ?? name),
			stored: (variable, tensor = weight(variable)) =>
				constant(variable, (label) => floats(label, tensor.shape, tensor.values)),
			scalar: (suffix, value) => constant(suffix, (label) => floats(label, [], Float32Array.of(value))),
			shared: (name, make) => {
				if (!made.has(name)) nodes.push(...make());
				made.add(name);
				return name;
			},
		};
		const written = sequenceOperators(layer) ?? imageOperators(layer);
		if (written === null) throw cannot('ONNX', one.layer, 'export it as safetensors');
		nodes.push(...written);
	}
	const last = model.layers.at(-1);
	const sizes = last?.outputShape ?? [];
	return {
		...{
			nodes,
			initializers,
			inputs: isText ? textInputs(model) : [{ name: INPUT, sizes: model.inputShape, isWhole: false }],
		},
		output: { name: last?.name ?? turned, sizes: isText && sizes.length > 1 ? [TOKENS, ...sizes.slice(1)] : sizes },
	};
}

function textInputs({ layers, inputShape: [rows] }: ExportedModel): OnnxGraph['inputs'] {
	if (rows !== TOKEN_ROWS) throw new Error(`a text has ${TOKEN_ROWS} rows, not ${rows}`);
	const hasSegments = layers.some(({ layer }) => layer.kind === 'embedding' && layer.of === 'segments');
	const { ids, mask, segments } = TEXT_INPUTS;
	return [ids, mask, ...(hasSegments ? [segments] : [])].map((name) => ({ name, sizes: [TOKENS], isWhole: true }));
}
