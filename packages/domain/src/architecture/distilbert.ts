import type { Architecture, LayerSpec } from './architecture.js';
import { MASK, type TransformerSize } from './transformer-size.js';

const EPSILON = 1e-12;
const EMBEDDED = 'embeddings.dropout';
const output = (index: number) => `transformer.layer.${index}.output_layer_norm`;

/** Sanh et al. 2019: BERT's blocks, without segments and without a pooler: the first token stands for the text. */
export function distilbert(size: TransformerSize): Architecture {
	const blocks = Array.from({ length: size.layers }, (_, index) => ({
		name: `layer${index}`,
		layers: block(`transformer.layer.${index}`, index === 0 ? EMBEDDED : output(index - 1), size),
	}));
	const last = blocks.at(-1);
	return {
		name: size.name,
		family: 'transformer',
		modality: 'TEXT',
		canDownload: size.canDownload,
		defaultInput: [3, size.defaultLength],
		groups: [
			{ name: 'embeddings', layers: embeddings(size) },
			...blocks.slice(0, -1),
			...(last ? [{ ...last, layers: [...last.layers, { kind: 'first-token', name: 'first_token' } as const] }] : []),
		],
		huggingFace: {
			modelType: 'distilbert',
			prefix: 'distilbert.',
			transposesKernels: true,
			besides: [
				...[
					'vocab_transform.',
					'vocab_layer_norm.',
					'vocab_projector.',
					'pre_classifier.',
					'classifier.',
					'qa_outputs.',
				],
				...['embeddings.position_ids', 'distilbert.embeddings.position_ids'],
			],
		},
	};
}

function embeddings({ vocabulary, positions, hidden: units, dropout }: TransformerSize): LayerSpec[] {
	const [words, places] = ['embeddings.word_embeddings', 'embeddings.position_embeddings'] as const;
	const inputs = ['input'];
	return [
		{ kind: 'attention-mask', name: MASK, inputs },
		{ kind: 'embedding', name: words, inputs, of: 'tokens', entries: vocabulary, units },
		{ kind: 'embedding', name: places, inputs, of: 'positions', entries: positions, units },
		{ kind: 'add', name: 'embeddings.sum', inputs: [words, places] },
		{ kind: 'layer-norm', name: 'embeddings.LayerNorm', epsilon: EPSILON },
		{ kind: 'dropout', name: EMBEDDED, rate: dropout },
	];
}

/** Attention, then the feed-forward layers; each is added to its own input and normalised. */
function block(name: string, input: string, { hidden, heads, feedForward, dropout }: TransformerSize): LayerSpec[] {
	const self = `${name}.attention`;
	const projections = ['q_lin', 'k_lin', 'v_lin'].map((part) => `${self}.${part}`);
	return [
		...projections.map((part): LayerSpec => ({ kind: 'dense', name: part, inputs: [input], units: hidden })),
		{ kind: 'attention', name: self, inputs: [...projections, MASK], heads, dropout },
		{ kind: 'dense', name: `${self}.out_lin`, units: hidden },
		{ kind: 'add', name: `${self}.sum`, inputs: [`${self}.out_lin`, input] },
		{ kind: 'layer-norm', name: `${name}.sa_layer_norm`, epsilon: EPSILON },
		{ kind: 'dense', name: `${name}.ffn.lin1`, units: feedForward },
		{ kind: 'gelu', name: `${name}.ffn.activation`, approximation: 'none' },
		{ kind: 'dense', name: `${name}.ffn.lin2`, units: hidden },
		{ kind: 'dropout', name: `${name}.ffn.dropout`, rate: dropout },
		{ kind: 'add', name: `${name}.ffn.sum`, inputs: [`${name}.ffn.dropout`, `${name}.sa_layer_norm`] },
		{ kind: 'layer-norm', name: `${name}.output_layer_norm`, epsilon: EPSILON },
	];
}

export const DISTILBERT_BASE = distilbert({
	name: 'distilbert-base',
	vocabulary: 30_522,
	positions: 512,
	hidden: 768,
	layers: 6,
	heads: 12,
	feedForward: 3072,
	dropout: 0.1,
	defaultLength: 128,
	canDownload: true,
});
