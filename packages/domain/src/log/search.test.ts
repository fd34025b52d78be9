import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMatches, foldSearch } from './index.js';

/** Letters whose forms are one to one, marks that other languages give a meaning to, and a pair of surrogates. */
const letters = fc.constantFrom(...'aAbBzZéÉäÄжЖωΩ%_\\*.[]()^$? \t🧊\uFFFD0');
const text = fc.array(letters, { maxLength: 12 }).map((list) => list.join(''));

/** Naive: each place, each character, by the case rules of the language itself. */
function placesOf(line: string, search: string): number[] {
	const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
	const places: number[] = [];
	for (let at = 0; at + search.length <= line.length; at += 1) {
		if (!same(line.slice(at, at + search.length), search)) continue;
		places.push(at);
		at += search.length - 1;
	}
	return places;
}

describe('findMatches', () => {
	test('finds what a naive reading finds, place by place', () => {
		fc.assert(
			fc.property(
				text,
				text.filter((search) => search !== ''),
				(line, search) => {
					expect(findMatches(line, search).map(([from]) => from)).toEqual(placesOf(line, search));
				},
			),
			{ numRuns: 2_000 },
		);
	});

	test('every text finds itself, whatever is in it', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (search) => {
				expect(findMatches(search, search)).toEqual([[0, search.length]]);
			}),
		);
		for (const odd of ['ςΣσ', 'K', 'Å', 'ẞß', 'İiIı', 'ſs', 'ﬁ']) {
			expect(findMatches(`> ${odd}`, odd)).toEqual([[2, 2 + odd.length]]);
		}
	});

	test('a letter is no other letter, and wildcards are characters', () => {
		expect(findMatches('strasse', 'straße')).toEqual([]);
		expect(findMatches('100 x', '100_x')).toEqual([]);
		expect(findMatches('abc', '%')).toEqual([]);
		expect(findMatches('abc', '')).toEqual([]);
		expect(foldSearch('LOSS').from).toBe('');
	});
});
