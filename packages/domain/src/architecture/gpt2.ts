import type { Architecture, LayerSpec } from './architecture.js';
import { MASK, type TransformerSize } from './transformer-size.js';

const EPSILON = 1e-5;
const EMBEDDED = 'drop';
const output = (index: number) => `h.${index}.mlp.sum`;

/** Radford et al. 2019: normalised before each part, each token sees what is before it; the last one stands for the text. */
export function gpt2(size: TransformerSize): Architecture {
	return {
		name: size.name,
		family: 'transformer',
		modality: 'TEXT',
		canDownload: size.canDownload,
		defaultInput: [3, size.defaultLength],
		groups: [
			{ name: 'embeddings', layers: embeddings(size) },
			...Array.from({ length: size.layers }, (_, index) => ({
				name: `layer${index}`,
				layers: block(`h.${index}`, index === 0 ? EMBEDDED : output(index - 1), size),
			})),
			{
				name: 'final',
				layers: [
					{ kind: 'layer-norm', name: 'ln_f', epsilon: EPSILON },
					{ kind: 'last-token', name: 'last_token', inputs: ['ln_f', MASK] },
				],
			},
		],
		huggingFace: {
			modelType: 'gpt2',
			prefix: 'transformer.',
			transposesKernels: false,
			besides: ['lm_head.', 'score.', ...causalMasks(size.layers)],
		},
	};
}

/** Older checkpoints hold each block's triangle of ones. */
const causalMasks = (layers: number): string[] =>
	Array.from({ length: layers }, (_, index) =>
		['', 'transformer.'].flatMap((prefix) => [`${prefix}h.${index}.attn.bias`, `${prefix}h.${index}.attn.masked_bias`]),
	).flat();

function embeddings({ vocabulary, positions, hidden: units, dropout }: TransformerSize): LayerSpec[] {
	const inputs = ['input'];
	return [
		{ kind: 'attention-mask', name: MASK, inputs },
		{ kind: 'embedding', name: 'wte', inputs, of: 'tokens', entries: vocabulary, units },
		{ kind: 'embedding', name: 'wpe', inputs, of: 'positions', entries: positions, units },
		{ kind: 'add', name: 'embedded', inputs: ['wte', 'wpe'] },
		{ kind: 'dropout', name: EMBEDDED, rate: dropout },
	];
}

/** One product gives queries, keys and values side by side. */
function block(name: string, input: string, { hidden, heads, feedForward, dropout }: TransformerSize): LayerSpec[] {
	const self = `${name}.attn`;
	const parts = ['query', 'key', 'value'].map((part) => `${self}.${part}`);
	return [
		{ kind: 'layer-norm', name: `${name}.ln_1`, epsilon: EPSILON, inputs: [input] },
		{ kind: 'dense', name: `${self}.c_attn`, units: 3 * hidden },
		...parts.map((part, index): LayerSpec => {
			return { kind: 'columns', name: part, inputs: [`${self}.c_attn`], begin: index * hidden, units: hidden };
		}),
		{ kind: 'attention', name: self, inputs: [...parts, MASK], heads, dropout, causal: true },
		{ kind: 'dense', name: `${self}.c_proj`, units: hidden },
		{ kind: 'dropout', name: `${self}.dropout`, rate: dropout },
		{ kind: 'add', name: `${self}.sum`, inputs: [`${self}.dropout`, input] },
		{ kind: 'layer-norm', name: `${name}.ln_2`, epsilon: EPSILON },
		{ kind: 'dense', name: `${name}.mlp.c_fc`, units: feedForward },
		{ kind: 'gelu', name: `${name}.mlp.activation`, approximation: 'tanh' },
		{ kind: 'dense', name: `${name}.mlp.c_proj`, units: hidden },
		{ kind: 'dropout', name: `${name}.mlp.dropout`, rate: dropout },
		{ kind: 'add', name: `${name}.mlp.sum`, inputs: [`${name}.mlp.dropout`, `${self}.sum`] },
	];
}

export const GPT2 = gpt2({
	name: 'gpt2',
	vocabulary: 50_257,
	positions: 1024,
	hidden: 768,
	layers: 12,
	heads: 12,
	feedForward: 3072,
	dropout: 0.1,
	defaultLength: 128,
	canDownload: true,
});
