import { fold, foldSearch } from './fold-search.js';

/** Where a line contains a text in either case: beginnings and ends, from left to right, none over another. */
export function findMatches(line: string, search: string): readonly (readonly [from: number, to: number])[] {
	if (search === '') return [];
	const folded = foldSearch(search);
	const text = fold(line, folded);
	const matches: (readonly [number, number])[] = [];
	let at = text.indexOf(folded.needle);
	while (at >= 0) {
		const end = at + folded.needle.length;
		matches.push([at, end]);
		at = text.indexOf(folded.needle, end);
	}
	return matches;
}
