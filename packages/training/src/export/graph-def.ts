import type { Constant, Operator } from './graph-operator.js';

type Shape = { readonly dim: readonly { readonly size: string }[] };
type Attribute =
	| { readonly type: string }
	| { readonly shape: Shape }
	| { readonly i: string }
	| { readonly b: boolean }
	| { readonly list: { readonly i: readonly string[] } }
	| { readonly tensor: { readonly dtype: string; readonly tensorShape: Shape } };

/** `NodeDef` of a TensorFlow graph, in protobuf's JSON. */
export interface NodeDef {
	readonly name: string;
	readonly op: string;
	readonly input: readonly string[];
	readonly attr: Readonly<Record<string, Attribute>>;
}

export const FLOAT = 'DT_FLOAT';
export const WHOLE = 'DT_INT32';

export const shapeOf = (sizes: readonly number[]): Shape => ({ dim: sizes.map((size) => ({ size: String(size) })) });

export const constantNode = ({ name, shape, values }: Constant): NodeDef => {
	const dtype = values instanceof Float32Array ? FLOAT : WHOLE;
	return {
		...{ name, op: 'Const', input: [] },
		attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: shapeOf(shape) } } },
	};
};

/** What a text's inputs are: whole numbers, batch x tokens. */
export const placeholder = (name: string): NodeDef => ({
	...{ name, op: 'Placeholder', input: [] },
	attr: { dtype: { type: WHOLE }, shape: { shape: shapeOf([-1, -1]) } },
});

/** Operators that TensorFlow has just so, under these names. */
const ALIKE: Readonly<Record<string, string>> = {
	...{ Add: 'AddV2', Sub: 'Sub', Mul: 'Mul', Div: 'RealDiv', Min: 'Minimum', Max: 'Maximum', Greater: 'Greater' },
	...{ Sqrt: 'Sqrt', Tanh: 'Tanh', Erf: 'Erf', Relu: 'Relu', Identity: 'Identity', Softmax: 'Softmax' },
};

export type Pair = readonly [before: number, behind: number];

export interface Matrix {
	readonly name: string;
	readonly isTurned: boolean;
	/** As it stands in a product. */
	readonly rows: number;
	readonly columns: number;
}

/** What a translation may ask for. */
export interface GraphContext {
	/** Whole numbers that the graph holds under this name; null where they are computed. */
	readonly held: (name: string) => readonly number[] | null;
	/** Keeps more of them, a single one or a list or several pairs, and answers their name. */
	readonly keep: (values: number | readonly number[] | readonly Pair[]) => string;
	/** A matrix that the graph holds, also one that it holds the other way round; null for any other tensor. */
	readonly matrix: (name: string) => Matrix | null;
	/** Name of the tensor whose first two sizes are the batch's and the texts'. */
	readonly texts: string;
}

/**
 * An operator as TensorFlow's: attributes of the one are inputs of the other. Written for what the operators of texts use;
 * networks for images go out as layers.
 */
export function graphDef({ operation, inputs, output, attributes }: Operator, context: GraphContext): NodeDef[] {
	const { held, keep } = context;
	const [x = '', second = ''] = inputs;
	const node = (op: string, input: readonly string[], attr: NodeDef['attr'] = {}, name = output): NodeDef[] => [
		{ name, op, input, attr },
	];
	const inner = (part: string) => `${output}/${part}`;
	const listed = (name: string): readonly number[] => {
		const values = held(name);
		if (values === null) throw new Error(`${operation} ${output}: ${name} is no constant`);
		return values;
	};
	/** batch x tokens x these sizes. */
	const ofTexts = (from: string, sizes: readonly number[]): NodeDef[] => {
		const parts = [context.texts, keep(sizes), keep(0)];
		return [...node('ConcatV2', parts, { N: { i: '2' } }, inner('sizes')), ...node('Reshape', [from, inner('sizes')])];
	};
	const attribute = (name: string) => attributes[name] as number | readonly number[];
	const alike = ALIKE[operation];
	if (alike !== undefined) return node(alike, inputs);
	switch (operation) {
		case 'Cast':
			return node('Cast', [x], { DstT: { type: FLOAT } });
		case 'Shape':
			return node('Shape', [x], { out_type: { type: WHOLE } });
		case 'Range':
			return node('Range', inputs, { Tidx: { type: WHOLE } });
		case 'MatMul': {
			const matrix = context.matrix(second);
			if (matrix === null) return node('BatchMatMulV2', inputs, { adj_x: { b: false }, adj_y: { b: false } });
			// One product for all tokens of all texts: a batch of products with one matrix takes several times as long.
			const turned = { transpose_a: { b: false }, transpose_b: { b: matrix.isTurned } };
			return [
				...node('Reshape', [x, keep([-1, matrix.rows])], {}, inner('rows')),
				...node('MatMul', [inner('rows'), matrix.name], turned, inner('product')),
				...ofTexts(inner('product'), [matrix.columns]),
			];
		}
		case 'Gemm': {
			const product = node('MatMul', [x, second], {}, inner('product'));
			return [...product, ...node('AddV2', [inner('product'), inputs[2] ?? ''])];
		}
		case 'Sum': {
			// Several sums of two: AddN repeats no sizes of 1.
			const names = inputs.slice(1).map((_, at) => (at === inputs.length - 2 ? output : inner(`${at}`)));
			return names.flatMap((name, at) => node('AddV2', [names[at - 1] ?? x, inputs[at + 1] ?? ''], {}, name));
		}
		case 'Gather':
			return node('GatherV2', [x, second, keep(attributes.axis === undefined ? 0 : attribute('axis'))], {
				batch_dims: { i: '0' },
			});
		case 'ReduceMean':
			return node('Mean', [x, keep(attribute('axes'))], { keep_dims: { b: true } });
		case 'Transpose':
			return node('Transpose', [x, keep(attribute('perm'))]);
		case 'Unsqueeze': {
			const axes = listed(second);
			const names = axes.map((_, at) => (at === axes.length - 1 ? output : inner(`${at}`)));
			return names.flatMap((name, at) => node('ExpandDims', [names[at - 1] ?? x, keep(axes[at] ?? 0)], {}, name));
		}
		case 'Squeeze':
			return node('Squeeze', [x], { squeeze_dims: { list: { i: listed(second).map(String) } } });
		case 'Pad': {
			const pads = listed(second);
			const half = pads.length / 2;
			const sides = pads.slice(0, half).map((before, at): Pair => [before, pads[at + half] ?? 0]);
			return node('PadV2', [x, keep(sides), inputs[2] ?? '']);
		}
		case 'Reshape': {
			// 0 is "as it was": of texts, the batch and the tokens, which are known with the inputs.
			const sizes = listed(second);
			if (sizes[0] !== 0 || sizes[1] !== 0 || sizes.indexOf(0, 2) !== -1)
				throw new Error(`Reshape ${output} to ${sizes.join(' x ')}`);
			return ofTexts(x, sizes.slice(2));
		}
		case 'Slice':
			return slice(output, inputs, listed, context);
		default:
			throw new Error(`${operation} (${output}) has no translation`);
	}
}

/** A slice along one axis, the first, the second or the last one. */
function slice(
	name: string,
	[x = '', begin = '', end = '', axis = '']: readonly string[],
	listed: (name: string) => readonly number[],
	{ keep }: GraphContext,
): NodeDef[] {
	const [along = 0] = listed(axis);
	const masks = { shrink_axis_mask: 0, begin_mask: 0, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0 };
	const node = (input: readonly string[], changed: Partial<typeof masks>): NodeDef[] => {
		const all = Object.entries({ ...masks, ...changed });
		return [
			{ name, op: 'StridedSlice', input, attr: Object.fromEntries(all.map(([one, bits]) => [one, { i: `${bits}` }])) },
		];
	};
	if (along === 0) return node([x, begin, end, keep([1])], {});
	const [from = 0] = listed(begin);
	const [to = 0] = listed(end);
	const places = [keep([0, from]), keep([0, to]), keep([1, 1])];
	// Bit 0 is of the axes before: all of them (an ellipsis), or the whole of the batch.
	return node([x, ...places], along === -1 ? { ellipsis_mask: 1 } : { begin_mask: 1, end_mask: 1 });
}
