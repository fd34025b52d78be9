import { TOKEN_ROWS } from '@graft/domain/architecture';
import type { EncodedText } from '../../tokenizer/index.js';

/** Texts as tokens, as short as they are: padded rows would take many times the memory. */
export interface TokenStore {
	/** Tokens of a padded text. */
	readonly length: number;
	readonly add: (text: EncodedText) => void;
	/** The largest id and the largest segment. */
	readonly largest: () => readonly [id: number, segment: number];
	/** Rows of ids, mask and segments of these texts, one text after the other. */
	readonly inputs: (texts: readonly number[]) => Float32Array;
	/** For each token of these texts the id of the next one; -1 for the last one and for padding. */
	readonly nextTokens: (texts: readonly number[]) => Int32Array;
}

export function tokenStore(length: number, paddingId: number): TokenStore {
	const begins = [0];
	let tokens = new Int32Array(1024);
	// How many tokens of a text belong to its first part: the rest is segment 1.
	const segments: number[] = [];
	let [largestId, largestSegment] = [paddingId, 0];
	const add = ({ ids, segments: given }: EncodedText): void => {
		const begin = begins.at(-1) ?? 0;
		if (begin + ids.length > tokens.length) {
			const larger = new Int32Array(2 * (begin + ids.length));
			larger.set(tokens);
			tokens = larger;
		}
		tokens.set(ids, begin);
		for (const id of ids) if (id > largestId) largestId = id;
		const first = given.indexOf(1);
		if (first >= 0) largestSegment = 1;
		segments.push(first < 0 ? ids.length : first);
		begins.push(begin + ids.length);
	};
	const inputs = (texts: readonly number[]): Float32Array => {
		const rows = new Float32Array(texts.length * TOKEN_ROWS * length);
		texts.forEach((text, index) => {
			const [begin = 0, end = 0] = [begins[text], begins[text + 1]];
			const at = index * TOKEN_ROWS * length;
			const count = end - begin;
			rows.set(tokens.subarray(begin, end), at);
			rows.fill(paddingId, at + count, at + length);
			rows.fill(1, at + length, at + length + count);
			rows.fill(1, at + 2 * length + (segments[text] ?? 0), at + 2 * length + count);
		});
		return rows;
	};
	const nextTokens = (texts: readonly number[]): Int32Array => {
		const next = new Int32Array(texts.length * length).fill(-1);
		texts.forEach((text, index) => {
			const [begin = 0, end = 0] = [begins[text], begins[text + 1]];
			next.set(tokens.subarray(begin + 1, end), index * length);
		});
		return next;
	};
	return { length, add, inputs, nextTokens, largest: () => [largestId, largestSegment] };
}
