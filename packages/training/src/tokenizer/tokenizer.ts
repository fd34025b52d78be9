import { createHash } from 'node:crypto';
import { GraftError } from '@graft/domain/error';
import { Tokenizer } from '@huggingface/tokenizers';
import { checkTokenizerJson, paddingId, vocabularySize } from './tokenizer-json.js';

/** A text as the network reads it: no more tokens than were asked for, the special ones among them. */
export interface EncodedText {
	readonly ids: readonly number[];
	/** Which of two texts each token belongs to. */
	readonly segments: readonly number[];
}

/** Turns text into the ids that a backbone was pretrained on. It belongs to the backbone. */
export interface TextTokenizer {
	/** sha256 of the `tokenizer.json`. */
	readonly digest: string;
	readonly paddingId: number;
	/** Ids are below this. */
	readonly vocabularySize: number;
	/** Tokens of the text alone, without special ones that mark its ends. */
	readonly tokenize: (text: string) => string[];
	/**
	 * Ids with special tokens. Texts that are too long lose tokens at their ends, of two texts the longer one first, and
	 * keep the special ones: Hugging Face's `truncation=True`.
	 */
	readonly encode: (text: string, pair: string | null, length: number) => EncodedText;
}

/** Reads a `tokenizer.json`. @throws GraftError DATA where it is none. */
export function parseTokenizer(bytes: Uint8Array, what = 'The tokenizer'): TextTokenizer {
	let given: unknown;
	try {
		given = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch (cause) {
		throw new GraftError('DATA', `${what} is no tokenizer.json: it is not JSON.`, {}, { cause });
	}
	const json = checkTokenizerJson(given, what);
	const library = build(json, what);
	const tokenize = (text: string) => library.tokenize(text, { add_special_tokens: false });
	const complete = (first: string[], second: string[] | null) => {
		if (library.post_processor === null) {
			const tokens = [...first, ...(second ?? [])];
			return { tokens, segments: tokens.map((_, at) => (at < first.length ? 0 : 1)) };
		}
		const { tokens, token_type_ids: types } = library.post_processor(first, second, true);
		// RoBERTa and GPT-2 tell no segments apart.
		return { tokens, segments: types ?? tokens.map(() => 0) };
	};
	const specials = { one: complete([], null).tokens.length, two: complete([], []).tokens.length };
	const idOf = (token: string): number => {
		const id = library.token_to_id(token);
		if (id !== undefined) return id;
		throw new GraftError('DATA', `${what} makes the token ${JSON.stringify(token)} and has no id for it.`, { token });
	};
	return {
		digest: createHash('sha256').update(bytes).digest('hex'),
		paddingId: paddingId(json),
		vocabularySize: vocabularySize(json),
		tokenize,
		encode: (text, pair, length) => {
			const first = tokenize(text);
			const second = pair === null ? null : tokenize(pair);
			const room = length - (second === null ? specials.one : specials.two);
			if (room < 0) throw new GraftError('DATA', `Texts of ${length} tokens have no room for special tokens.`);
			const [one, two] = shares(first.length, second?.length ?? 0, room);
			const { tokens, segments } = complete(first.slice(0, one), second?.slice(0, two) ?? null);
			return { ids: tokens.map(idOf), segments };
		},
	};
}

function build(json: object, what: string): Tokenizer {
	try {
		return new Tokenizer(json, {});
	} catch (cause) {
		throw new GraftError('DATA', `${what} cannot be used: ${(cause as Error).message}.`, {}, { cause });
	}
}

/** How many tokens of two texts stay: the longer one loses tokens until both fit, and then both do by turns. */
function shares(first: number, second: number, room: number): readonly [first: number, second: number] {
	if (first + second <= room) return [first, second];
	const half = Math.floor(room / 2);
	const shorter = Math.min(first, second, half);
	return first > second ? [room - shorter, shorter] : [shorter, room - shorter];
}
