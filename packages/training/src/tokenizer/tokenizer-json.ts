import { GraftError } from '@graft/domain/error';
import type { JsonObject } from '@graft/domain/json';

/** The parts of Hugging Face's `tokenizer.json` that are looked at here; the library reads the rest. */
export interface TokenizerJson {
	readonly model: { readonly type?: string; readonly vocab: Readonly<Record<string, number>> };
	readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
	readonly padding?: { readonly pad_id?: number } | null;
}

const PADDING = ['[PAD]', '<pad>'];

/** @throws GraftError DATA where it is no `tokenizer.json` with a vocabulary. */
export function checkTokenizerJson(json: unknown, what: string): TokenizerJson {
	const wrong = (why: string): never => {
		throw new GraftError('DATA', `${what} is no tokenizer.json: ${why}.`);
	};
	if (!isObject(json)) return wrong('it is not a JSON object');
	const { model, added_tokens: added = [] } = json;
	if (!isObject(model) || !isObject(model.vocab)) {
		return wrong('it has no model.vocab that names a number for each token (WordPiece and BPE have)');
	}
	const odd = Object.entries(model.vocab).find(([, id]) => !isId(id));
	if (odd !== undefined) return wrong(`its token ${JSON.stringify(odd[0])} has the id ${JSON.stringify(odd[1])}`);
	if (!Array.isArray(added) || !added.every((token) => isObject(token) && isId(token.id))) {
		return wrong('its added_tokens are not a list of tokens with ids');
	}
	return { ...json, added_tokens: added } as unknown as TokenizerJson;
}

/** Ids go up to here, less one: as many rows as the embeddings must have. */
export function vocabularySize({ model, added_tokens: added }: TokenizerJson): number {
	let largest = -1;
	for (const id of Object.values(model.vocab)) largest = Math.max(largest, id);
	for (const { id } of added) largest = Math.max(largest, id);
	return largest + 1;
}

/** What fills a text up: the padding that the file names, a token that is called so, or 0 (the mask hides it anyway). */
export function paddingId({ padding, model, added_tokens: added }: TokenizerJson): number {
	const named = PADDING.flatMap((name) => added.find(({ content }) => content === name)?.id ?? model.vocab[name] ?? []);
	return padding?.pad_id ?? named[0] ?? 0;
}

const isObject = (value: unknown): value is JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isId = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
