/**
 * A text to look for, in either case. A line contains it when the line, folded, contains `needle`: the letters A to Z
 * become small, then each character of `from` becomes the one at the same place in `to`.
 */
export interface FoldedSearch {
	readonly needle: string;
	readonly from: string;
	readonly to: string;
}

/**
 * What a search means, spelled out so that every database and every browser agrees: a substring, character for
 * character, no wildcards; a letter matches its small and its capital form, beyond A to Z those that Unicode maps one
 * to one (É and é; ß is no SS). Only letters of the search itself need folding in a line, which keeps `from` short.
 */
export function foldSearch(search: string): FoldedSearch {
	const small = new Map<string, string>();
	for (const letter of search) {
		if (isAscii(letter)) continue;
		const lower = otherForm(letter, letter.toLowerCase());
		for (const form of [letter, otherForm(lower, lower.toUpperCase())]) {
			if (form !== lower && !small.has(form)) small.set(form, lower);
		}
	}
	const from = [...small.keys()].join('');
	const to = [...small.values()].join('');
	return { needle: fold(search, { from, to }), from, to };
}

/** As long as the text, so that places in one are places in the other. */
export function fold(text: string, { from, to }: Pick<FoldedSearch, 'from' | 'to'>): string {
	const lower = text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
	if (from === '') return lower;
	const targets = [...to];
	const small = new Map([...from].map((letter, index) => [letter, targets[index] ?? letter]));
	return [...lower].map((letter) => small.get(letter) ?? letter).join('');
}

const isAscii = (letter: string) => letter < '\u0080';

/** The other form of a letter, or the letter where that is no single character of the same length. */
const otherForm = (letter: string, form: string) =>
	[...form].length === 1 && form.length === letter.length && !isAscii(form) ? form : letter;
