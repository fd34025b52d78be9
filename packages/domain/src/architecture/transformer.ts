import type { Architecture, LayerSpec } from './architecture.js';

/** A Transformer encoder in BERT's form: post-norm blocks, learned positions, a pooler on the first token. */
export interface TransformerSize {
	readonly name: string;
	readonly vocabulary: number;
	/** Longest text in tokens. */
	readonly positions: number;
	readonly segments: number;
	readonly hidden: number;
	readonly layers: number;
	readonly heads: number;
	readonly feedForward: number;
	readonly dropout: number;
	readonly defaultLength: number;
	readonly canDownload: boolean;
}

const EPSILON = 1e-12;

/** Layers bear the names of their modules in Hugging Face's BertModel. */
export function transformerEncoder(size: TransformerSize): Architecture {
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
	};
}

const MASK = 'attention_mask';
const EMBEDDED = 'embeddings.dropout';
const output = (index: number) => `encoder.layer.${index}.output.LayerNorm`;

function embeddings({ vocabulary, positions, segments, hidden: units, dropout }: TransformerSize): LayerSpec[] {
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
function block(name: string, input: string, { hidden, heads, feedForward, dropout }: TransformerSize): LayerSpec[] {
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
