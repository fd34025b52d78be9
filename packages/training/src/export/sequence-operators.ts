import type { LayerSpec } from '@graft/domain/architecture';
import { type Operator, operator } from './graph-operator.js';
import type { OperatorLayer } from './operator-layer.js';

/** As Hugging Face's own ONNX models name them. */
export const TEXT_INPUTS = { ids: 'input_ids', mask: 'attention_mask', segments: 'token_type_ids' } as const;

export const maskName = (layer: string): string => `${layer}/numbers`;

/** Score of what is not to be seen: its weight after the softmax is 0 in float32. */
const HIDDEN = -1e9;
/** ONNX's number of float32. */
const FLOAT = 1;
const cast = (from: string, to: string): Operator => operator('Cast', [from], to, { to: FLOAT });

/** Operators of a layer for texts; null for one of others. */
export function sequenceOperators(given: OperatorLayer): Operator[] | null {
	const { one, inputs, stored, scalar } = given;
	const { layer, name, inputShape } = one;
	const [x = ''] = inputs;
	const whole: Whole = (suffix, values) => given.whole(`sizes/${suffix}`, values);
	switch (layer.kind) {
		case 'attention-mask':
			return [cast(TEXT_INPUTS.mask, maskName(name))];
		case 'embedding':
			return embedding(layer, given, whole);
		case 'attention':
			return attention(layer, given, whole);
		case 'layer-norm': {
			const axes = { axes: [-1] };
			return [
				operator('ReduceMean', [x], `${name}/mean`, axes),
				operator('Sub', [x, `${name}/mean`], `${name}/off`),
				operator('Mul', [`${name}/off`, `${name}/off`], `${name}/squares`),
				operator('ReduceMean', [`${name}/squares`], `${name}/variance`, axes),
				operator('Add', [`${name}/variance`, scalar('epsilon', layer.epsilon)], `${name}/raised`),
				operator('Sqrt', [`${name}/raised`], `${name}/deviation`),
				operator('Div', [`${name}/off`, `${name}/deviation`], `${name}/normal`),
				operator('Mul', [`${name}/normal`, stored('gamma')], `${name}/scaled`),
				operator('Add', [`${name}/scaled`, stored('beta')], name),
			];
		}
		case 'dense':
			if (inputShape.length !== 2) return null;
			return [
				operator('MatMul', [x, stored('kernel')], `${name}/product`),
				operator('Add', [`${name}/product`, stored('bias')], name),
			];
		case 'columns': {
			const [begin, end] = [whole('begin', [layer.begin]), whole('end', [layer.begin + layer.units])];
			return [operator('Slice', [x, begin, end, whole('axis', [-1])], name)];
		}
		case 'first-token': {
			return [operator('Gather', [x, given.whole('first', 0)], name, { axis: 1 })];
		}
		case 'last-token':
			return lastToken(given, whole);
		case 'unembedding': {
			const table = layer.tied ? `${layer.table}/embeddings` : stored('embeddings');
			return [
				operator('Transpose', [table], `${name}/table`, { perm: [1, 0] }),
				operator('MatMul', [x, `${name}/table`], name),
			];
		}
		default:
			return null;
	}
}

type Whole = OperatorLayer['whole'];

function embedding(
	{ of }: Extract<LayerSpec, { kind: 'embedding' }>,
	{ one: { name }, stored, shared }: OperatorLayer,
	whole: Whole,
): Operator[] {
	const table = stored('embeddings');
	if (of !== 'positions')
		return [operator('Gather', [table, of === 'tokens' ? TEXT_INPUTS.ids : TEXT_INPUTS.segments], name)];
	const length = shared('tokens/length', () => {
		const second = whole('second', [1]);
		return [
			operator('Shape', [TEXT_INPUTS.ids], 'tokens/shape'),
			operator('Gather', ['tokens/shape', second], 'tokens/length'),
		];
	});
	return [operator('Slice', [table, whole('begin', [0]), length, whole('axis', [0])], name)];
}

/** softmax(Q K' / sqrt(features of a head)) V, head by head. */
function attention(
	{ heads, causal = false }: Extract<LayerSpec, { kind: 'attention' }>,
	given: OperatorLayer,
	whole: Whole,
): Operator[] {
	const { one, inputs, scalar } = given;
	const { name, outputShape } = one;
	const [queries = '', keys = '', values = '', mask = ''] = inputs;
	const units = outputShape.at(-1) ?? 0;
	const apart = whole('apart', [0, 0, heads, units / heads]);
	const split = (from: string, part: string, order: readonly number[]) => [
		operator('Reshape', [from, apart], `${name}/${part}/split`),
		operator('Transpose', [`${name}/${part}/split`], `${name}/${part}`, { perm: order }),
	];
	const padding = hiddenPadding(given, mask, whole);
	const hidden = causal ? [operator('Min', [padding, laterTokens(given, whole)], `${name}/barred`)] : [];
	return [
		...split(queries, 'queries', [0, 2, 1, 3]),
		...split(keys, 'keys', [0, 2, 3, 1]),
		...split(values, 'values', [0, 2, 1, 3]),
		...hidden,
		operator('MatMul', [`${name}/queries`, `${name}/keys`], `${name}/products`),
		operator('Mul', [`${name}/products`, scalar('scale', 1 / Math.sqrt(units / heads))], `${name}/scores`),
		operator('Add', [`${name}/scores`, causal ? `${name}/barred` : padding], `${name}/seen`),
		operator('Softmax', [`${name}/seen`], `${name}/weights`, { axis: -1 }),
		operator('MatMul', [`${name}/weights`, `${name}/values`], `${name}/mixed`),
		operator('Transpose', [`${name}/mixed`], `${name}/joined`, { perm: [0, 2, 1, 3] }),
		operator('Reshape', [`${name}/joined`, whole('together', [0, 0, units])], name),
	];
}

/** batch x 1 x 1 x tokens: 0 where there is a token. */
const hiddenPadding = ({ shared, scalar }: OperatorLayer, mask: string, whole: Whole): string =>
	shared('padding/hidden', () => [
		operator('Sub', [scalar('one', 1), mask], 'padding/places'),
		operator('Mul', ['padding/places', scalar('hidden', HIDDEN)], 'padding/scores'),
		operator('Unsqueeze', ['padding/scores', whole('between', [1, 2])], 'padding/hidden'),
	]);

/** tokens x tokens: 0 for what a token may see, itself and those before it. */
const laterTokens = ({ shared, scalar, whole: number }: OperatorLayer, whole: Whole): string =>
	shared('later/hidden', () => {
		return [
			operator('Squeeze', ['tokens/length', whole('only', [0])], 'later/length'),
			operator('Range', [number('from', 0), 'later/length', number('step', 1)], 'later/places'),
			operator('Unsqueeze', ['later/places', whole('row', [0])], 'later/keys'),
			operator('Unsqueeze', ['later/places', whole('column', [1])], 'later/queries'),
			operator('Greater', ['later/keys', 'later/queries'], 'later/is'),
			cast('later/is', 'later/ones'),
			operator('Mul', ['later/ones', scalar('unseen', HIDDEN)], 'later/hidden'),
		];
	});

/** Behind a text's last token the mask falls from 1 to 0, or ends. */
function lastToken({ one: { name }, inputs, scalar, whole: plain }: OperatorLayer, whole: Whole): Operator[] {
	const [x = '', mask = ''] = inputs;
	const far = plain('far', [2 ** 31 - 1]);
	const zero = scalar('zero', 0);
	return [
		operator('Slice', [mask, whole('begin', [1]), far, whole('axis', [1])], `${name}/rest`),
		operator('Pad', [`${name}/rest`, whole('pads', [0, 0, 0, 1]), zero], `${name}/next`, { mode: 'constant' }),
		operator('Sub', [mask, `${name}/next`], `${name}/falls`),
		operator('Max', [`${name}/falls`, scalar('least', 0)], `${name}/is`),
		operator('Unsqueeze', [`${name}/is`, whole('row', [1])], `${name}/row`),
		operator('MatMul', [`${name}/row`, x], `${name}/found`),
		operator('Squeeze', [`${name}/found`, whole('row_again', [1])], name),
	];
}
