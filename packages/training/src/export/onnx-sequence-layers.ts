import type { LayerSpec } from '@graft/domain/architecture';
import type { OnnxLayer } from './onnx-layer.js';
import { attribute, floats, integers, type Message, node, scalarInteger } from './onnx-message.js';

/** As Hugging Face's own ONNX models name them. */
export const TEXT_INPUTS = { ids: 'input_ids', mask: 'attention_mask', segments: 'token_type_ids' } as const;

export const maskName = (layer: string): string => `${layer}/numbers`;

/** Score of what is not to be seen: its weight after the softmax is 0 in float32. */
const HIDDEN = -1e9;
const [FLOAT] = [1];
const cast = (from: string, to: string): Message => node('Cast', [from], to, [attribute('to', FLOAT)]);

/** Operators of a layer for texts; null for one of others. */
export function sequenceOperators(given: OnnxLayer): Message[] | null {
	const { one, inputs, stored, scalar, constant } = given;
	const { layer, name, inputShape } = one;
	const [x = ''] = inputs;
	const whole = (suffix: string, values: readonly number[]) =>
		constant(`sizes/${suffix}`, (label) => integers(label, values));
	switch (layer.kind) {
		case 'attention-mask':
			return [cast(TEXT_INPUTS.mask, maskName(name))];
		case 'embedding':
			return embedding(layer, given, whole);
		case 'attention':
			return attention(layer, given, whole);
		case 'layer-norm': {
			const axes = [attribute('axes', [-1])];
			return [
				node('ReduceMean', [x], `${name}/mean`, axes),
				node('Sub', [x, `${name}/mean`], `${name}/off`),
				node('Mul', [`${name}/off`, `${name}/off`], `${name}/squares`),
				node('ReduceMean', [`${name}/squares`], `${name}/variance`, axes),
				node('Add', [`${name}/variance`, scalar('epsilon', layer.epsilon)], `${name}/raised`),
				node('Sqrt', [`${name}/raised`], `${name}/deviation`),
				node('Div', [`${name}/off`, `${name}/deviation`], `${name}/normal`),
				node('Mul', [`${name}/normal`, stored('gamma')], `${name}/scaled`),
				node('Add', [`${name}/scaled`, stored('beta')], name),
			];
		}
		case 'dense':
			if (inputShape.length !== 2) return null;
			return [
				node('MatMul', [x, stored('kernel')], `${name}/product`),
				node('Add', [`${name}/product`, stored('bias')], name),
			];
		case 'columns': {
			const [begin, end] = [whole('begin', [layer.begin]), whole('end', [layer.begin + layer.units])];
			return [node('Slice', [x, begin, end, whole('axis', [-1])], name)];
		}
		case 'first-token': {
			const first = constant('first', (label) => scalarInteger(label, 0));
			return [node('Gather', [x, first], name, [attribute('axis', 1)])];
		}
		case 'last-token':
			return lastToken(given, whole);
		case 'unembedding': {
			const table = layer.tied ? `${layer.table}/embeddings` : stored('embeddings');
			return [
				node('Transpose', [table], `${name}/table`, [attribute('perm', [1, 0])]),
				node('MatMul', [x, `${name}/table`], name),
			];
		}
		default:
			return null;
	}
}

type Whole = (suffix: string, values: readonly number[]) => string;

function embedding(
	{ of }: Extract<LayerSpec, { kind: 'embedding' }>,
	{ one: { name }, stored, shared }: OnnxLayer,
	whole: Whole,
): Message[] {
	const table = stored('embeddings');
	if (of !== 'positions')
		return [node('Gather', [table, of === 'tokens' ? TEXT_INPUTS.ids : TEXT_INPUTS.segments], name)];
	const length = shared('tokens/length', () => {
		const second = whole('second', [1]);
		return [
			node('Shape', [TEXT_INPUTS.ids], 'tokens/shape'),
			node('Gather', ['tokens/shape', second], 'tokens/length'),
		];
	});
	return [node('Slice', [table, whole('begin', [0]), length, whole('axis', [0])], name)];
}

/** softmax(Q K' / sqrt(features of a head)) V, head by head. */
function attention(
	{ heads, causal = false }: Extract<LayerSpec, { kind: 'attention' }>,
	given: OnnxLayer,
	whole: Whole,
): Message[] {
	const { one, inputs, scalar } = given;
	const { name, outputShape } = one;
	const [queries = '', keys = '', values = '', mask = ''] = inputs;
	const units = outputShape.at(-1) ?? 0;
	const apart = whole('apart', [0, 0, heads, units / heads]);
	const split = (from: string, part: string, order: readonly number[]) => [
		node('Reshape', [from, apart], `${name}/${part}/split`),
		node('Transpose', [`${name}/${part}/split`], `${name}/${part}`, [attribute('perm', order)]),
	];
	const padding = hiddenPadding(given, mask, whole);
	const hidden = causal ? [node('Min', [padding, laterTokens(given, whole)], `${name}/barred`)] : [];
	return [
		...split(queries, 'queries', [0, 2, 1, 3]),
		...split(keys, 'keys', [0, 2, 3, 1]),
		...split(values, 'values', [0, 2, 1, 3]),
		...hidden,
		node('MatMul', [`${name}/queries`, `${name}/keys`], `${name}/products`),
		node('Mul', [`${name}/products`, scalar('scale', 1 / Math.sqrt(units / heads))], `${name}/scores`),
		node('Add', [`${name}/scores`, causal ? `${name}/barred` : padding], `${name}/seen`),
		node('Softmax', [`${name}/seen`], `${name}/weights`, [attribute('axis', -1)]),
		node('MatMul', [`${name}/weights`, `${name}/values`], `${name}/mixed`),
		node('Transpose', [`${name}/mixed`], `${name}/joined`, [attribute('perm', [0, 2, 1, 3])]),
		node('Reshape', [`${name}/joined`, whole('together', [0, 0, units])], name),
	];
}

/** batch x 1 x 1 x tokens: 0 where there is a token. */
const hiddenPadding = ({ shared, scalar }: OnnxLayer, mask: string, whole: Whole): string =>
	shared('padding/hidden', () => [
		node('Sub', [scalar('one', 1), mask], 'padding/places'),
		node('Mul', ['padding/places', scalar('hidden', HIDDEN)], 'padding/scores'),
		node('Unsqueeze', ['padding/scores', whole('between', [1, 2])], 'padding/hidden'),
	]);

/** tokens x tokens: 0 for what a token may see, itself and those before it. */
const laterTokens = ({ shared, constant, scalar }: OnnxLayer, whole: Whole): string =>
	shared('later/hidden', () => {
		const number = (suffix: string, value: number) => constant(suffix, (label) => scalarInteger(label, value));
		return [
			node('Squeeze', ['tokens/length', whole('only', [0])], 'later/length'),
			node('Range', [number('from', 0), 'later/length', number('step', 1)], 'later/places'),
			node('Unsqueeze', ['later/places', whole('row', [0])], 'later/keys'),
			node('Unsqueeze', ['later/places', whole('column', [1])], 'later/queries'),
			node('Greater', ['later/keys', 'later/queries'], 'later/is'),
			cast('later/is', 'later/ones'),
			node('Mul', ['later/ones', scalar('unseen', HIDDEN)], 'later/hidden'),
		];
	});

/** Behind a text's last token the mask falls from 1 to 0, or ends. */
function lastToken({ one: { name }, inputs, scalar, constant }: OnnxLayer, whole: Whole): Message[] {
	const [x = '', mask = ''] = inputs;
	const far = constant('far', (label) => integers(label, [2 ** 31 - 1]));
	const zero = constant('zero', (label) => floats(label, [], Float32Array.of(0)));
	return [
		node('Slice', [mask, whole('begin', [1]), far, whole('axis', [1])], `${name}/rest`),
		node('Pad', [`${name}/rest`, whole('pads', [0, 0, 0, 1]), zero], `${name}/next`, [attribute('mode', 'constant')]),
		node('Sub', [mask, `${name}/next`], `${name}/falls`),
		node('Max', [`${name}/falls`, scalar('least', 0)], `${name}/is`),
		node('Unsqueeze', [`${name}/is`, whole('row', [1])], `${name}/row`),
		node('MatMul', [`${name}/row`, x], `${name}/found`),
		node('Squeeze', [`${name}/found`, whole('row_again', [1])], name),
	];
}
