import { INPUT, TOKEN_ROWS } from '@graft/domain/architecture';
import type { FloatTensor } from '../safetensors/index.js';
import { cannot, type ExportedModel, endsInClasses, PROBABILITIES, readsText } from './exported-model.js';
import { type Constant, type Operator, operator } from './graph-operator.js';
import { imageOperators } from './image-operators.js';
import type { OperatorLayer } from './operator-layer.js';
import { maskName, sequenceOperators, TEXT_INPUTS } from './sequence-operators.js';

/** A number, or the name of a size that a reader may choose. */
export type Size = number | string;

export interface OperatorGraph {
	readonly operators: readonly Operator[];
	readonly constants: readonly Constant[];
	/** Name, sizes after the batch, and whether it is of whole numbers. */
	readonly inputs: readonly { readonly name: string; readonly sizes: readonly Size[]; readonly isWhole: boolean }[];
	readonly output: { readonly name: string; readonly sizes: readonly Size[] };
}

/** The sequence's length, which a reader may choose for each batch. */
const TOKENS: Size = 'tokens';

/**
 * The model as plain operators, from what it reads to probabilities, a regression's number or scores of tokens. Of images the
 * input is as in training, height x width x channels, and turned once: ONNX convolves channels first. Texts have Hugging
 * Face's inputs: `input_ids`, `attention_mask` and, where there are segments, `token_type_ids`, all batch x tokens.
 * @throws GraftError CONFIGURATION for layers that no operators are written for.
 */
export function operatorGraph(model: ExportedModel): OperatorGraph {
	const operators: Operator[] = [];
	const constants: Constant[] = [];
	const made = new Set<string>();
	const isImage = model.inputShape.length === 3;
	const turned = 'input_channels_first';
	// Our mask of numbers is called as the input of whole ones is.
	const masks = model.layers.filter(({ layer }) => layer.kind === 'attention-mask');
	const renamed = new Map(masks.map(({ name }) => [name, maskName(name)]));
	if (isImage) renamed.set(INPUT, turned);
	if (isImage) operators.push(operator('Transpose', [INPUT], turned, { perm: [0, 3, 1, 2] }));
	for (const one of model.layers) {
		const keep = (suffix: string, shape: readonly number[], values: Constant['values'], isWeight = false) => {
			const name = `${one.name}/${suffix}`;
			constants.push({ name, shape, values, isWeight });
			return name;
		};
		const weight = (variable: string): FloatTensor => {
			const found = one.weights.find((entry) => entry.variable === variable);
			if (found === undefined) throw new Error(`layer ${one.name} has no ${variable}`);
			return found.tensor;
		};
		const layer: OperatorLayer = {
			...{ one, weight },
			inputs: one.inputs.map((name) => renamed.get(name) ?? name),
			stored: (variable, tensor = weight(variable)) => keep(variable, tensor.shape, tensor.values, true),
			scalar: (suffix, value) => keep(suffix, [], Float32Array.of(value)),
			whole: (suffix, values) =>
				typeof values === 'number' ? keep(suffix, [], [values]) : keep(suffix, [values.length], values),
			shared: (name, make) => {
				if (!made.has(name)) operators.push(...make());
				made.add(name);
				return name;
			},
		};
		const written = sequenceOperators(layer) ?? imageOperators(layer);
		if (written === null) throw cannot('A graph', one.layer, 'export it as safetensors');
		operators.push(...written);
	}
	const { name = turned, outputShape: sizes = [] } = model.layers.at(-1) ?? {};
	const isText = readsText(model);
	if (endsInClasses(model)) operators.push(operator('Softmax', [name], PROBABILITIES, { axis: -1 }));
	return {
		...{ operators, constants },
		inputs: isText ? textInputs(model) : [{ name: INPUT, sizes: model.inputShape, isWhole: false }],
		output: {
			name: endsInClasses(model) ? PROBABILITIES : name,
			sizes: isText && sizes.length > 1 ? [TOKENS, ...sizes.slice(1)] : sizes,
		},
	};
}

function textInputs(model: ExportedModel): OperatorGraph['inputs'] {
	return textInputNames(model).map((name) => ({ name, sizes: [TOKENS], isWhole: true }));
}

/** What a model of texts is given: ids, mask and, where it has them, segments. */
export function textInputNames({ layers, inputShape: [rows] }: Pick<ExportedModel, 'layers' | 'inputShape'>): string[] {
	if (rows !== TOKEN_ROWS) throw new Error(`a text has ${TOKEN_ROWS} rows, not ${rows}`);
	const hasSegments = layers.some(({ layer }) => layer.kind === 'embedding' && layer.of === 'segments');
	const { ids, mask, segments } = TEXT_INPUTS;
	return [ids, mask, ...(hasSegments ? [segments] : [])];
}
