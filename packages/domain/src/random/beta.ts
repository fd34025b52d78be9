import { normal, type Random } from './mulberry32.js';

/** One draw from Beta(a, b), as the share of one gamma draw in two. */
export function betaDraw(random: Random, a: number, b: number): number {
	// As logarithms: with a small shape both draws may be too small for a number.
	const [x, y] = [logGammaDraw(random, a), logGammaDraw(random, b)];
	return 1 / (1 + Math.exp(y - x));
}

/** Logarithm of a draw from Gamma(shape, 1) by Marsaglia and Tsang (2000). */
function logGammaDraw(random: Random, shape: number): number {
	if (shape < 1) return logGammaDraw(random, shape + 1) + Math.log(1 - random()) / shape;
	const d = shape - 1 / 3;
	for (;;) {
		const x = normal(random);
		const v = (1 + x / Math.sqrt(9 * d)) ** 3;
		if (v > 0 && Math.log(1 - random()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
	}
}
