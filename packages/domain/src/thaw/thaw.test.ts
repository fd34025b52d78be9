import { describe, expect, it } from 'vitest';
import { thawColor, thawShare } from './thaw.js';

const ICE = '#1f6fa8';
const EMBER = '#c2410c';

describe('thawColor', () => {
	it('ends where it says', () => {
		expect(thawColor(0, ICE, EMBER)).toBe(ICE);
		expect(thawColor(1, ICE, EMBER)).toBe(EMBER);
		expect(thawColor(-3, ICE, EMBER)).toBe(ICE);
		expect(thawColor(7, ICE, EMBER)).toBe(EMBER);
	});

	it('goes by the middle in OKLCH: red and blue meet in magenta', () => {
		// CSS Color 4: red is oklch(0.62796 0.25768 29.234), blue is oklch(0.45201 0.31321 264.052); the shorter arc's
		// middle is oklch(0.53998 0.28545 326.643), whose nearest sRGB channels are 186, 0, 194 (clipped).
		expect(thawColor(0.5, '#0000ff', '#ff0000')).toBe('#ba00c2');
	});

	it('is never grey on the way', () => {
		for (let share = 0; share <= 1; share += 0.05) {
			const parts = [1, 3, 5].map((at) => Number.parseInt(thawColor(share, ICE, EMBER).slice(at, at + 2), 16));
			expect(Math.max(...parts) - Math.min(...parts)).toBeGreaterThan(60);
		}
	});

	it('refuses what is no colour', () => {
		expect(() => thawColor(0.5, 'ice', EMBER)).toThrow('#rrggbb');
	});
});

describe('thawShare', () => {
	it('is the learning share, and null from scratch', () => {
		const plan = { trainableParameters: 25, frozenParameters: 75, startsFromPretrained: true };
		expect(thawShare(plan)).toBe(0.25);
		expect(thawShare({ ...plan, startsFromPretrained: false })).toBeNull();
		expect(thawShare({ trainableParameters: 0, frozenParameters: 0, startsFromPretrained: true })).toBe(0);
	});
});
