import type { Architecture, HuggingFaceFormat, LayerSpec } from './architecture.js';
import { MASK, type TransformerSize } from './transformer-size.js';

/** A Transformer encoder in BERT's form: post-norm blocks, learned positions, a pooler on the first token. */
export interface EncoderSize extends TransformerSize {
	readonly segments: number;
}

const EPSILON = 1e-12;

const HUGGING_FACE: HuggingFaceFormat = {
	modelType: 'bert',
	prefix: 'bert.',
	transposesKernels: true,
	besides: ['cls.', 'classifier.', 'qa_outputs.', 'embeddings.position_ids', 'bert.embeddings.position_ids'],
};

/** Layers bear the names of their modules in Hugging Face's BertModel. */
export function transformerEncoder(size: EncoderSize): Architecture {
	const blocks = Array.from({ length: size.layers }, (_, index) => ({
		name: `layer${index}`,
		layers: block(`encoder.layer.${index}`, index === 0 ? EMBEDDED : output(index - 1), size),
	}));
	return {
		name: size.name,
		family: 'transformer',
		modality: 'TEXT',
		canDownload: size.canDownload,
		defaultInput: [3, size.defaultLength],
		groups: [
			{ name: 'embeddings', layers: embeddings(size) },
			...blocks,
			{
				name: 'pooler',
				layers: [
					{ kind: 'first-token', name: 'pooler.first_token' },
					{ kind: 'dense', name: 'pooler.dense', units: size.hidden },
					{ kind: 'tanh', name: 'pooler.activation' },
				],
			},
		],
		huggingFace: HUGGING_FACE,
	};
}

const EMBEDDED = 'embeddings.dropout';
const output = (index: number) => `encoder.layer.${index}.output.LayerNorm`;

function embeddings({ vocabulary, positions, segments, hidden: units, dropout }: EncoderSize): LayerSpec[] {
	const [words, places, types] = ['word', 'position', 'token_type'].map((of) => `embeddings.${of}_embeddings`) as [
		string,
		string,
		string,
	];
	const inputs = ['input'];
	return [
		{ kind: 'attention-mask', name: MASK, inputs },
		{ kind: 'embedding', name: words, inputs, of: 'tokens', entries: vocabulary, units },
		{ kind: 'embedding', name: places, inputs, of: 'positions', entries: positions, units },
		{ kind: 'embedding', name: types, inputs, of: 'segments', entries: segments, units },
		{ kind: 'add', name: 'embeddings.sum', inputs: [words, types, places] },
		{ kind: 'layer-norm', name: 'embeddings.LayerNorm', epsilon: EPSILON },
		{ kind: 'dropout', name: EMBEDDED, rate: dropout },
	];
}

/** Attention, then the feed-forward layers; each is added to its own input and normalised. */
function block(name: string, input: string, { hidden, heads, feedForward, dropout }: EncoderSize): LayerSpec[] {
	const self = `${name}.attention.self`;
	const attended = `${name}.attention.output`;
	const projections = ['query', 'key', 'value'].map((part) => `${self}.${part}`);
	return [
		...projections.map((part): LayerSpec => ({ kind: 'dense', name: part, inputs: [input], units: hidden })),
		{ kind: 'attention', name: self, inputs: [...projections, MASK], heads, dropout },
		{ kind: 'dense', name: `${attended}.dense`, units: hidden },
		{ kind: 'dropout', name: `${attended}.dropout`, rate: dropout },
		{ kind: 'add', name: `${attended}.sum`, inputs: [`${attended}.dropout`, input] },
		{ kind: 'layer-norm', name: `${attended}.LayerNorm`, epsilon: EPSILON },
		{ kind: 'dense', name: `${name}.intermediate.dense`, units: feedForward },
		{ kind: 'gelu', name: `${name}.intermediate.activation`, approximation: 'none' },
		{ kind: 'dense', name: `${name}.output.dense`, units: hidden },
		{ kind: 'dropout', name: `${name}.output.dropout`, rate: dropout },
		{ kind: 'add', name: `${name}.output.sum`, inputs: [`${name}.output.dropout`, `${attended}.LayerNorm`] },
		{ kind: 'layer-norm', name: `${name}.output.LayerNorm`, epsilon: EPSILON },
	];
}
