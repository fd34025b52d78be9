import { GraftError } from '@graft/domain/error';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/**
 * BERT's `vocab.txt` (a token a line, its id is the line's number from 0) as the `tokenizer.json` that says the same.
 * Lower-casing strips accents, too. @throws GraftError DATA where a token stands twice or a special one is missing.
 */
export function tokenizerFromVocabulary(text: string, { lowercase }: { readonly lowercase: boolean }): object {
	const vocab = new Map<string, number>();
	const lines = text.split(/\r?\n/);
	if (lines.at(-1) === '') lines.pop();
	for (const [line, token] of lines.entries()) {
		const before = vocab.get(token);
		if (before !== undefined) {
			const where = `lines ${before + 1} and ${line + 1}`;
			throw new GraftError('DATA', `vocab.txt has the token ${JSON.stringify(token)} twice, in ${where}.`, { token });
		}
		vocab.set(token, line);
	}
	const idOf = (token: string): number => {
		const id = vocab.get(token);
		if (id !== undefined) return id;
		throw new GraftError('DATA', `vocab.txt has no token ${token}: it is not a BERT vocabulary.`, { token });
	};
	return {
		version: '1.0',
		added_tokens: SPECIAL.map((content) => specialToken(content, idOf(content))),
		normalizer: {
			...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
			...{ strip_accents: null, lowercase },
		},
		pre_tokenizer: { type: 'BertPreTokenizer' },
		post_processor: { type: 'BertProcessing', sep: ['[SEP]', idOf('[SEP]')], cls: ['[CLS]', idOf('[CLS]')] },
		decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
		model: {
			...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100 },
			vocab: Object.fromEntries(vocab),
		},
	};
}

/** A token that stands for itself wherever it is written. */
export const specialToken = (content: string, id: number) => ({
	...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
});
