import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import facts from '../../vectors/statistics.json' with { type: 'json' };
import {
	differenceInterval,
	holm,
	mean,
	normalCdf,
	pairedT,
	pairedTPower,
	sampleSd,
	seedsNeeded,
	signFlip,
	studentTCdf,
	studentTQuantile,
	studentTTwoSided,
	tInterval,
	welchT,
} from './index.js';

interface TFacts {
	readonly t: number;
	readonly df: number;
	readonly p: number;
	readonly ci95: readonly [number, number];
	readonly ci90: readonly [number, number];
}
interface Facts {
	readonly fivePairedSeeds: {
		readonly a: number[];
		readonly b: number[];
		readonly meanA: number;
		readonly sdA: number;
		readonly sdB: number;
		readonly pairedT: { t: number; df: number; p_two: number; ci95: [number, number] };
		readonly welchT: { t: number; df: number; p_two: number; ci95: [number, number] };
		readonly signFlip: number;
	};
	readonly smallestSignFlipP: Record<string, number>;
	readonly t975ByN: Record<string, number>;
	readonly detectableEffect: Record<string, number>;
	readonly holm: { readonly p: number[]; readonly adjusted: number[] };
	readonly studentT: { t: number; df: number; cdf: number; twoSided: number }[];
	readonly studentTQuantile: { p: number; df: number; t: number }[];
	readonly normal: { z: number; cdf: number }[];
	readonly power: { n: number; effect: number; alpha: number; power: number }[];
	readonly samples: {
		a: number[];
		b: number[];
		difference: number;
		pairedT: TFacts;
		welchT: TFacts;
		signFlip: number;
	}[];
}
const known = facts as Facts;

/** Relative to the value, so that a tail of 1e-40 must have its digits too. */
function expectClose(actual: number | undefined, wanted: number, tolerance = 1e-10): void {
	expect(Math.abs((actual ?? Number.NaN) - wanted) / Math.max(Math.abs(wanted), Number.MIN_VALUE)).toBeLessThanOrEqual(
		tolerance,
	);
}

describe("Student's t and the normal", () => {
	it('has the reference tails and distribution function', () => {
		for (const { t, df, cdf, twoSided } of known.studentT) {
			expectClose(studentTTwoSided(t, df), twoSided);
			expect(Math.abs(studentTCdf(t, df) - cdf)).toBeLessThan(1e-12);
		}
	});
	it('has the reference quantiles', () => {
		for (const { p, df, t } of known.studentTQuantile) {
			expect(Math.abs(studentTQuantile(p, df) - t)).toBeLessThan(1e-10 * Math.max(1, Math.abs(t)));
		}
		for (const [n, t] of Object.entries(known.t975ByN)) expectClose(studentTQuantile(0.975, Number(n) - 1), t);
	});
	it('inverts', () => {
		fc.assert(
			fc.property(
				fc.double({ min: 0.001, max: 0.999, noNaN: true }),
				fc.double({ min: 1, max: 200, noNaN: true }),
				(p, df) => {
					expect(Math.abs(studentTCdf(studentTQuantile(p, df), df) - p)).toBeLessThan(1e-12);
				},
			),
		);
		expect(studentTQuantile(1, 3)).toBe(Number.POSITIVE_INFINITY);
		expect(studentTQuantile(0, 3)).toBe(Number.NEGATIVE_INFINITY);
		expect(studentTQuantile(1.5, 3)).toBeNaN();
	});
	it('has the normal to its far tails', () => {
		for (const { z, cdf } of known.normal) expectClose(normalCdf(z), cdf, 1e-12);
		expect(normalCdf(-50)).toBe(0);
		expect(normalCdf(50)).toBe(1);
	});
});

describe('describe', () => {
	it('knows mean, standard deviation and interval of the five seeds', () => {
		const { a, b, meanA, sdA, sdB } = known.fivePairedSeeds;
		expectClose(mean(a), meanA);
		expectClose(sampleSd(a) ?? 0, sdA);
		expectClose(sampleSd(b) ?? 0, sdB);
		const interval = tInterval(a);
		expectClose((interval?.high ?? 0) - meanA, (2.7764451051977934 * sdA) / Math.sqrt(5));
	});
	it('says nothing where nothing can be said', () => {
		expect(mean([])).toBeNaN();
		expect(sampleSd([1])).toBeNull();
		expect(tInterval([1])).toBeNull();
		expect(sampleSd([0.1, 0.1, 0.1])).toBe(0);
	});
	it('is right where a sum or a square is beyond every double, and says nothing where the answer is', () => {
		expectClose(mean([1.7e308, 1.7e308, 1.1e308]), 1.5e308);
		expectClose(sampleSd([1e200, 3e200]) ?? undefined, Math.SQRT2 * 1e200);
		expect([sampleSd([1.7e308, -1.7e308]), tInterval([1.7e308, -1.7e308])]).toEqual([null, null]);
		expect(tInterval([1e308, 1.2e308])).toBeNull();
		expect(differenceInterval(pairedT([1.7e308, 1.6e308], [-1.7e308, 0]), 0.95)).toBeNull();
	});
	it('keeps the mean within the values, and equal values exactly', () => {
		const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
		fc.assert(
			fc.property(fc.array(value, { minLength: 1 }), value, (values, one) => {
				const slack = 1e-9;
				expect(mean(values)).toBeGreaterThanOrEqual(Math.min(...values) - slack);
				expect(mean(values)).toBeLessThanOrEqual(Math.max(...values) + slack);
				expect(mean([one, one, one]) - one).toBe(0);
				expect(sampleSd([one, one, one])).toBe(0);
			}),
		);
	});
});

describe('tests of a difference', () => {
	it('matches the reference on the five seeds', () => {
		const { a, b, pairedT: paired, welchT: welch, signFlip: exact } = known.fivePairedSeeds;
		for (const [result, wanted] of [
			[pairedT(a, b), paired],
			[welchT(a, b), welch],
		] as const) {
			expectClose(result.t, wanted.t);
			expectClose(result.degreesOfFreedom, wanted.df);
			expectClose(result.pValue, wanted.p_two);
			expectClose(differenceInterval(result, 0.95)?.low, wanted.ci95[0]);
			expectClose(differenceInterval(result, 0.95)?.high, wanted.ci95[1]);
		}
		expect(signFlip(a, b)).toBe(exact);
	});
	it('matches the reference on random samples of 3 to 10', () => {
		for (const sample of known.samples) {
			const paired = pairedT(sample.a, sample.b);
			const welch = welchT(sample.a, sample.b);
			expectClose(paired.difference, sample.difference);
			for (const [result, wanted] of [
				[paired, sample.pairedT],
				[welch, sample.welchT],
			] as const) {
				expectClose(result.t, wanted.t);
				expectClose(result.degreesOfFreedom, wanted.df);
				expectClose(result.pValue, wanted.p);
				expectClose(differenceInterval(result, 0.95)?.low, wanted.ci95[0]);
				expectClose(differenceInterval(result, 0.95)?.high, wanted.ci95[1]);
			}
			expectClose(differenceInterval(paired, 0.9)?.low, sample.pairedT.ci90[0]);
			expectClose(differenceInterval(paired, 0.9)?.high, sample.pairedT.ci90[1]);
			expect(signFlip(sample.a, sample.b)).toBe(sample.signFlip);
		}
	});
	it('has the sign-flip floor of 2^(1-n)', () => {
		for (const [n, floor] of Object.entries(known.smallestSignFlipP)) {
			const a = Array.from({ length: Number(n) }, (_, i) => 1 + i / 7);
			expect(
				signFlip(
					a,
					a.map(() => 0),
				),
			).toBe(floor);
		}
	});
	it('counts sums that differ by rounding only as equal', () => {
		// In tenths: |1 + 2 - 1| = 2 is reached by 6 of 8 patterns; in doubles 0.1 + 0.2 - 0.1 > 0.2 hides two of them.
		expect(signFlip([0.1, 0.2, -0.1], [0, 0, 0])).toBe(0.75);
		expect(signFlip([0.1, 0.2, -0.2], [0, 0, 0])).toBe(1);
	});
	it('handles values without variance', () => {
		const same = [0.5, 0.5, 0.5];
		expect(pairedT(same, same)).toMatchObject({ difference: 0, t: 0, pValue: 1 });
		expect(welchT(same, same)).toMatchObject({ difference: 0, t: 0, pValue: 1, degreesOfFreedom: 4 });
		expect(pairedT([1, 1, 1], [0, 0, 0])).toMatchObject({ difference: 1, pValue: 0 });
		expect(differenceInterval(welchT([1, 1], [0, 0]), 0.95)).toEqual({ low: 1, high: 1 });
	});
	it('refuses unequal pairs and too many of them', () => {
		expect(() => pairedT([1, 2], [1])).toThrow(RangeError);
		expect(() => signFlip(Array(21).fill(1), Array(21).fill(0))).toThrow('1 to 20');
	});
	it('mirrors when the sides are swapped', () => {
		const list = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 3, maxLength: 8 });
		fc.assert(
			fc.property(list, list, (a, b) => {
				const n = Math.min(a.length, b.length);
				const [x, y] = [a.slice(0, n), b.slice(0, n)];
				expect(signFlip(x, y)).toBe(signFlip(y, x));
				expect(welchT(a, b).pValue).toBeCloseTo(welchT(b, a).pValue, 12);
				expect(pairedT(x, y).difference).toBeCloseTo(-pairedT(y, x).difference, 9);
			}),
		);
	});
});

describe('holm', () => {
	it('matches the reference', () => {
		const adjusted = holm(known.holm.p);
		expect(adjusted).toHaveLength(4);
		for (const [index, p] of adjusted.entries()) expectClose(p, known.holm.adjusted[index] ?? 0);
	});
	it('keeps the order, raises every p, and stays at most 1 and Bonferroni', () => {
		fc.assert(
			fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (ps) => {
				const adjusted = holm(ps);
				expect(adjusted).toHaveLength(ps.length);
				ps.forEach((p, i) => {
					expect(adjusted[i]).toBeGreaterThanOrEqual(p);
					expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * ps.length));
					ps.forEach((q, j) => {
						if (p < q) expect(adjusted[i] as number).toBeLessThanOrEqual(adjusted[j] as number);
					});
				});
			}),
		);
	});
});

describe('power', () => {
	it('matches the noncentral t of the reference', () => {
		for (const { n, effect, alpha, power } of known.power) {
			expect(Math.abs(pairedTPower(n, effect, alpha) - power)).toBeLessThan(1e-7);
		}
	});
	it('agrees with the table of detectable effects', () => {
		for (const [n, effect] of Object.entries(known.detectableEffect)) {
			expect(seedsNeeded(effect + 0.001)).toBe(Number(n));
			if (Number(n) > 3) expect(seedsNeeded(effect - 0.001)).toBe(Number(n) + 1);
		}
	});
	it('asks for more the smaller the effect, and gives up on none at all', () => {
		expect(seedsNeeded(Number.POSITIVE_INFINITY)).toBe(3);
		expect(seedsNeeded(0.2)).toBeGreaterThan(150);
		expect(seedsNeeded(0.2, { alpha: 0.0125, power: 0.8 })).toBeGreaterThan(seedsNeeded(0.2) as number);
		expect(seedsNeeded(0)).toBeNull();
		expect(seedsNeeded(Number.NaN)).toBeNull();
	});
});
