import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fnv1a, fnv1aHex64, integerBelow, mulberry32, normal, shuffle } from './index.js';

const first = (count: number, seed: number) => {
	const random = mulberry32(seed);
	return Array.from({ length: count }, () => random());
};

describe('fnv1a', () => {
	it('matches the published values', () => {
		expect(fnv1a('conv1_conv/kernel').toString(16)).toBe('ba8db8fb');
		// From the authors' own test suite (draft-eastlake-fnv).
		expect(fnv1a('')).toBe(0x811c9dc5);
		expect(fnv1a('a')).toBe(0xe40c292c);
		expect(fnv1a('foobar')).toBe(0xbf9cf968);
		expect(fnv1aHex64('')).toBe('cbf29ce484222325');
		expect(fnv1aHex64('a')).toBe('af63dc4c8601ec8c');
		expect(fnv1aHex64('foobar')).toBe('85944171f73967e8');
	});

	it('reads text as UTF-8, a lone surrogate as U+FFFD', () => {
		const bytes = (text: string) => {
			let hash = 0x811c9dc5;
			for (const match of encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|./g)) {
				const byte = match[1] === undefined ? match[0].charCodeAt(0) : Number.parseInt(match[1], 16);
				hash = Math.imul(hash ^ byte, 0x01000193);
			}
			return hash >>> 0;
		};
		fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => fnv1a(text) === bytes(text)));
		expect(fnv1a('\ud800')).toBe(fnv1a('\ufffd'));
	});
});

describe('mulberry32', () => {
	it('matches the reference streams', () => {
		const known = [
			...first(3, 1).map((value, i) => [value, [0.6270739406, 0.0027357212, 0.52744704][i]] as const),
			...first(4, fnv1a('input')).map(
				(value, i) => [value, [0.9803601201, 0.7923696131, 0.6291701074, 0.3096114071][i]] as const,
			),
		];
		for (const [value, wanted] of known) expect(Math.abs(value - (wanted ?? Number.NaN))).toBeLessThan(2e-10);
	});

	it('gives the same stream for the same seed, in [0, 1)', () => {
		fc.assert(
			fc.property(fc.integer(), (seed) => {
				const values = first(50, seed);
				expect(values).toEqual(first(50, seed));
				for (const value of values) expect(value >= 0 && value < 1).toBe(true);
			}),
		);
	});
});

describe('shuffle', () => {
	it('keeps every item and leaves the input as it is', () => {
		fc.assert(
			fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
				const before = [...items];
				const shuffled = shuffle(items, mulberry32(seed));
				expect(items).toEqual(before);
				expect([...shuffled].sort()).toEqual([...items].sort());
			}),
		);
	});

	it('gives each order of three about equally often', () => {
		const random = mulberry32(5);
		const counts = new Map<string, number>();
		for (let i = 0; i < 6000; i++) {
			const order = shuffle('abc', random).join('');
			counts.set(order, (counts.get(order) ?? 0) + 1);
		}
		expect(counts.size).toBe(6);
		// 1000 expected, standard deviation 29: five of them to each side.
		for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(145);
	});
});

describe('normal and integerBelow', () => {
	it('has mean 0, variance 1 and the tails of the normal', () => {
		const random = mulberry32(fnv1a('normal'));
		const draws = Array.from({ length: 20_000 }, () => normal(random));
		const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
		const variance = draws.reduce((sum, x) => sum + x * x, 0) / draws.length - mean ** 2;
		expect(Math.abs(mean)).toBeLessThan(0.03);
		expect(Math.abs(variance - 1)).toBeLessThan(0.05);
		expect(draws.filter((x) => Math.abs(x) > 1.959964).length / draws.length).toBeCloseTo(0.05, 2);
		expect(draws.every(Number.isFinite)).toBe(true);
	});

	it('stays below the limit', () => {
		const random = mulberry32(3);
		const drawn = new Set(Array.from({ length: 200 }, () => integerBelow(random, 4)));
		expect([...drawn].sort()).toEqual([0, 1, 2, 3]);
	});
});
