import { parseTokenizer } from '../tokenizer/index.js';
import type { ExportedModel } from './exported-model.js';

/** Special tokens by what Hugging Face calls them, and their names in the families' vocabularies. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
	unk_token: ['[UNK]', '<unk>', '<|endoftext|>'],
	sep_token: ['[SEP]'],
	pad_token: ['[PAD]', '<pad>', '<|endoftext|>'],
	cls_token: ['[CLS]'],
	mask_token: ['[MASK]', '<mask>'],
	bos_token: ['<s>', '<|endoftext|>'],
	eos_token: ['</s>', '<|endoftext|>'],
};

export interface HuggingFaceTokenizer {
	/** Of the token that fills texts up. The mask hides it; GPT-2's classifier tells by it where a text ends. */
	readonly paddingId: number;
	/** Of the tokens with which a text begins and ends; null where there are none. */
	readonly beginId: number | null;
	readonly endId: number | null;
	/** tokenizer_config.json. */
	readonly config: Readonly<Record<string, unknown>>;
}

/** What `AutoTokenizer` has to be told beside a tokenizer.json. @throws GraftError DATA where it is none. */
export function huggingFaceTokenizer(
	bytes: Uint8Array,
	{ inputShape, layers }: Pick<ExportedModel, 'inputShape' | 'layers'>,
): HuggingFaceTokenizer {
	const length = inputShape.at(-1) ?? 0;
	const hasSegments = layers.some(({ layer }) => layer.kind === 'embedding' && layer.of === 'segments');
	const { paddingId } = parseTokenizer(bytes);
	const ids = idsOf(bytes);
	const special = Object.entries(NAMES).flatMap(([role, names]) => {
		const name = names.find((one) => ids.has(one));
		return name === undefined ? [] : [[role, name] as const];
	});
	const tokens = Object.fromEntries(special);
	const segments = hasSegments ? ['token_type_ids'] : [];
	return {
		paddingId: ids.get(tokens.pad_token ?? '') ?? paddingId,
		beginId: ids.get(tokens.bos_token ?? '') ?? null,
		endId: ids.get(tokens.eos_token ?? '') ?? null,
		config: {
			...{ tokenizer_class: 'PreTrainedTokenizerFast', model_max_length: length, ...tokens },
			...{ padding_side: 'right', truncation_side: 'right', clean_up_tokenization_spaces: false },
			model_input_names: ['input_ids', ...segments, 'attention_mask'],
		},
	};
}

function idsOf(bytes: Uint8Array): ReadonlyMap<string, number> {
	const json = JSON.parse(new TextDecoder().decode(bytes)) as {
		readonly model?: { readonly vocab?: Readonly<Record<string, number>> };
		readonly added_tokens?: readonly { readonly content: string; readonly id: number }[];
	};
	const { model: { vocab } = {}, added_tokens: added = [] } = json;
	return new Map([...Object.entries(vocab ?? {}), ...added.map(({ content, id }) => [content, id] as const)]);
}
