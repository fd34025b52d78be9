import { type InvalidInput, invalidInput } from '../error/index.js';
import type { Architecture } from './architecture.js';
import { BERT_BASE } from './bert.js';
import { DISTILBERT_BASE } from './distilbert.js';
import { GPT2 } from './gpt2.js';
import { type Sizes, sizedArchitecture, sizedName, type TransformerFamily } from './sized-architecture.js';

interface ConfigFormat {
	readonly sizes: Record<keyof Sizes, string>;
	readonly fixed: Fixed;
	/** Where it says how much is dropped; ours has one rate for all of them. */
	readonly dropouts: readonly string[];
}

/** Where a family's config.json has its sizes, and what must be there for our layers to be its layers. */
const FORMATS: Readonly<Record<TransformerFamily, ConfigFormat>> = {
	bert: {
		sizes: {
			...{ layers: 'num_hidden_layers', hidden: 'hidden_size', heads: 'num_attention_heads' },
			...{ feedForward: 'intermediate_size', vocabulary: 'vocab_size', positions: 'max_position_embeddings' },
		},
		fixed: {
			hidden_act: ['gelu'],
			layer_norm_eps: [1e-12],
			type_vocab_size: [2],
			position_embedding_type: ['absolute'],
		},
		dropouts: ['hidden_dropout_prob', 'attention_probs_dropout_prob'],
	},
	distilbert: {
		sizes: {
			...{ layers: 'n_layers', hidden: 'dim', heads: 'n_heads' },
			...{ feedForward: 'hidden_dim', vocabulary: 'vocab_size', positions: 'max_position_embeddings' },
		},
		fixed: { activation: ['gelu'] },
		dropouts: ['dropout', 'attention_dropout'],
	},
	gpt2: {
		sizes: {
			...{ layers: 'n_layer', hidden: 'n_embd', heads: 'n_head' },
			...{ feedForward: 'n_inner', vocabulary: 'vocab_size', positions: 'n_positions' },
		},
		fixed: { activation_function: ['gelu_new'], layer_norm_epsilon: [1e-5], scale_attn_by_inverse_layer_idx: [false] },
		dropouts: ['resid_pdrop', 'embd_pdrop', 'attn_pdrop'],
	},
};
type Fixed = Readonly<Record<string, readonly unknown[]>>;

/** Sizes that have a name of their own. */
const NAMED: Readonly<Record<string, string>> = {
	'bert-L12-H768-A12-F3072-V30522-P512': BERT_BASE.name,
	'distilbert-L6-H768-A12-F3072-V30522-P512': DISTILBERT_BASE.name,
	'gpt2-L12-H768-A12-F3072-V50257-P1024': GPT2.name,
};

/** Name of the architecture that a Hugging Face config.json describes; a field that it leaves out is the family's own. */
export function architectureOfConfig(config: Readonly<Record<string, unknown>>): string | InvalidInput {
	const { model_type: family } = config;
	if (typeof family !== 'string' || !Object.hasOwn(FORMATS, family)) {
		const known = Object.keys(FORMATS).join(', ');
		return invalidInput(
			'model_type',
			`config.json is of the model type ${JSON.stringify(family)}; there are ${known}.`,
		);
	}
	const { sizes: fields, fixed, dropouts } = FORMATS[family as TransformerFamily];
	for (const [field, allowed] of Object.entries(fixed)) {
		const value = config[field];
		if (value === undefined || value === null || allowed.includes(value)) continue;
		return invalidInput(
			field,
			`config.json has ${field} ${JSON.stringify(value)}; only ${allowed.join(' or ')} is known.`,
		);
	}
	const sizes: Record<string, number> = {};
	for (const [size, field] of Object.entries(fields)) {
		// GPT-2 leaves its feed-forward size out where it is four times the features.
		const value = config[field] ?? (field === 'n_inner' ? 4 * Number(config.n_embd) : undefined);
		if (!Number.isSafeInteger(value) || (value as number) < 1) {
			return invalidInput(field, `config.json has ${field} ${JSON.stringify(value)}, which is no size.`);
		}
		sizes[size] = value as number;
	}
	const name = sizedName(family as TransformerFamily, sizes as unknown as Sizes, dropoutOf(config, dropouts));
	if (sizedArchitecture(name) === null) {
		return invalidInput(
			'hidden_size',
			`config.json describes ${name}, which is larger than any model or cannot be shared among its heads.`,
		);
	}
	return NAMED[name] ?? name;
}

/** The one rate that it names, in whole percent; where it names several, or none, the families' own. */
function dropoutOf(config: Readonly<Record<string, unknown>>, fields: readonly string[]): number | undefined {
	const [rate, ...others] = new Set(fields.flatMap((field) => config[field] ?? []));
	const percent = Math.round(100 * Number(rate));
	const isRate = typeof rate === 'number' && others.length === 0 && percent >= 0 && percent < 100;
	return isRate ? percent / 100 : undefined;
}

/** config.json of a Transformer of a family, as Hugging Face's classes read it; null for any other architecture. */
export function configOfArchitecture(architecture: Architecture): Readonly<Record<string, unknown>> | null {
	const family = architecture.huggingFace?.modelType;
	if (family === undefined || !Object.hasOwn(FORMATS, family)) return null;
	const { sizes, fixed, dropouts } = FORMATS[family as TransformerFamily];
	const layers = architecture.groups.flatMap((group) => group.layers);
	const embeds = (of: string) => layers.find((layer) => layer.kind === 'embedding' && layer.of === of);
	const attentions = layers.filter((layer) => layer.kind === 'attention');
	const [words, places] = [embeds('tokens'), embeds('positions')];
	const before = layers.findIndex(({ kind }) => kind === 'gelu') - 1;
	const widest = layers[before];
	if (words?.kind !== 'embedding' || places?.kind !== 'embedding' || widest?.kind !== 'dense') return null;
	// Several segments tell BERT's form from DistilBERT's; a family without them has no such field.
	if (family === 'bert' && !embeds('segments')) return null;
	const found: Sizes = {
		layers: attentions.length,
		hidden: words.units,
		heads: attentions[0]?.heads ?? 0,
		feedForward: widest.units,
		vocabulary: words.entries,
		positions: places.entries,
	};
	return {
		model_type: family,
		...Object.fromEntries(dropouts.map((field) => [field, attentions[0]?.dropout ?? 0])),
		...Object.fromEntries(Object.entries(fixed).map(([field, [value]]) => [field, value])),
		...Object.fromEntries(Object.entries(sizes).map(([size, field]) => [field, found[size as keyof Sizes]])),
	};
}
