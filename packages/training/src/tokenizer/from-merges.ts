import { GraftError } from '@graft/domain/error';
import { specialToken } from './from-vocabulary.js';

const END_OF_TEXT = '<|endoftext|>';

/**
 * GPT-2's `vocab.json` and `merges.txt` as the `tokenizer.json` that says the same: byte-level pairs.
 * @throws GraftError DATA with the line of a merge that is none.
 */
export function tokenizerFromMerges(
	vocab: unknown,
	merges: string,
	{ prefixSpace }: { readonly prefixSpace: boolean },
): object {
	if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab)) {
		throw new GraftError('DATA', 'vocab.json is not a JSON object of tokens and their ids.');
	}
	const known = vocab as Readonly<Record<string, number>>;
	const end = known[END_OF_TEXT];
	return {
		version: '1.0',
		added_tokens: end === undefined ? [] : [specialToken(END_OF_TEXT, end)],
		normalizer: null,
		pre_tokenizer: { type: 'ByteLevel', add_prefix_space: prefixSpace, trim_offsets: true, use_regex: true },
		post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true },
		decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
		model: {
			...{ type: 'BPE', dropout: null, continuing_subword_prefix: '', end_of_word_suffix: '', fuse_unk: false },
			unk_token: known['<unk>'] === undefined ? null : '<unk>',
			vocab: known,
			merges: readMerges(merges),
		},
	};
}

function readMerges(text: string): [string, string][] {
	return text.split(/\r?\n/).flatMap((line, index): [string, string][] => {
		if (line === '' || (index === 0 && line.startsWith('#version'))) return [];
		const [left, right, ...rest] = line.split(' ');
		if (left && right && rest.length === 0) return [[left, right]];
		throw new GraftError('DATA', `merges.txt has in line ${index + 1} no two tokens: ${JSON.stringify(line)}.`, {
			line: index + 1,
		});
	});
}
