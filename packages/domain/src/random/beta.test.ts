import { describe, expect, it } from 'vitest';
import { incompleteBeta } from '../statistics/gamma.js';
import { betaDraw, mulberry32 } from './index.js';

const DRAWS = 4000;

describe('betaDraw', () => {
	// Kolmogorov and Smirnov: 1.95 / sqrt(n) is passed by one correct sample in a thousand, and these seeds are fixed.
	it.each([
		[0.1, 0.1],
		[0.2, 0.2],
		[1, 1],
		[2, 5],
		[8, 0.5],
	])('has the distribution of Beta(%d, %d)', (a, b) => {
		const random = mulberry32(7);
		const draws = Array.from({ length: DRAWS }, () => betaDraw(random, a, b)).sort((x, y) => x - y);
		const distances = draws.map((draw, at) => {
			const below = incompleteBeta(draw, a, b);
			return Math.max(Math.abs(below - at / DRAWS), Math.abs(below - (at + 1) / DRAWS));
		});
		expect(Math.max(...distances)).toBeLessThan(1.95 / Math.sqrt(DRAWS));
	});

	it('stays a share with shapes so small that its gamma draws have no number', () => {
		const random = mulberry32(1);
		for (let draw = 0; draw < 1000; draw++) {
			const share = betaDraw(random, 1e-3, 1e-3);
			expect(share >= 0 && share <= 1).toBe(true);
		}
	});
});
