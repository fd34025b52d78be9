import {
	differenceInterval,
	type Interval,
	MAX_SIGN_FLIP_PAIRS,
	pairedT,
	signFlip,
	type TestResult,
	welchT,
} from '../statistics/index.js';
import type { ComparisonGroup, Verdict } from './comparison.js';

/** Fewer seeds than this are no basis for a claim. */
export const FEWEST_SEEDS = 3;

/** What the values say of two groups, before the verdict. */
export interface Evidence {
	readonly difference: number;
	readonly ci95: Interval | null;
	readonly ci90: Interval | null;
	/** Not yet adjusted; null where there are too few seeds to test. */
	readonly pValue: number | null;
	readonly test: Verdict['test'];
	readonly pairedBy: Verdict['pairedBy'];
	/** Pairs, or values of the smaller group. */
	readonly n: number;
	/** Standard deviation of one seed's difference; null where unknown. */
	readonly sd: number | null;
}

/** Common seeds are pairs: one seed fixes split, order and head for every strategy, so that its luck cancels out. */
export function pairs(a: ComparisonGroup, b: ComparisonGroup): { a: number[]; b: number[] } | null {
	const position = new Map(b.seeds.map((seed, index) => [seed, index]));
	const common = a.seeds.flatMap((seed, index) => {
		const other = position.get(seed);
		return other === undefined ? [] : [[a.values[index] as number, b.values[other] as number] as const];
	});
	// A few common seeds among many others would throw the rest of the values away.
	const all = common.length === Math.min(a.n, b.n);
	if (common.length === 0 || !(all || common.length >= FEWEST_SEEDS)) return null;
	return { a: common.map(([value]) => value), b: common.map(([, value]) => value) };
}

export function isTestable(a: ComparisonGroup, b: ComparisonGroup): boolean {
	return (pairs(a, b)?.a.length ?? Math.min(a.n, b.n)) >= FEWEST_SEEDS;
}

/**
 * `comparisons` are the tests that Holm's method will adjust together. The sign-flip test cannot give less than 2^(1-n):
 * it is used from where that still allows a verdict (n = 6 for one test, 8 for four), the paired t test before.
 */
export function weigh(a: ComparisonGroup, b: ComparisonGroup, comparisons: number, alpha: number): Evidence {
	const paired = pairs(a, b);
	const n = paired?.a.length ?? Math.min(a.n, b.n);
	const pairedBy = paired === null ? 'nothing' : 'seed';
	const result = paired === null ? welchOf(a, b) : pairedOf(paired);
	if (result === null || !Number.isFinite(result.standardError)) {
		const apart = paired === null || n > 1 ? a.mean - b.mean : (paired.a[0] as number) - (paired.b[0] as number);
		return { difference: nearest(apart), ci95: null, ci90: null, pValue: null, test: 'none', pairedBy, n, sd: null };
	}
	const signFlips = paired !== null && 2 ** (1 - n) * comparisons <= alpha && n <= MAX_SIGN_FLIP_PAIRS;
	return {
		difference: result.difference,
		ci95: differenceInterval(result, 0.95),
		ci90: differenceInterval(result, 0.9),
		pValue: n < FEWEST_SEEDS ? null : signFlips ? signFlip(paired.a, paired.b) : result.pValue,
		test: n < FEWEST_SEEDS ? 'none' : signFlips ? 'exact sign-flip' : paired === null ? 'Welch t' : 'paired t',
		pairedBy,
		n,
		sd: result.standardError * Math.sqrt(n),
	};
}

/** The double that is nearest; of two huge values of other signs the difference is none. */
const nearest = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

function pairedOf(values: { readonly a: readonly number[]; readonly b: readonly number[] }): TestResult | null {
	return values.a.length < 2 ? null : pairedT(values.a, values.b);
}

function welchOf(a: ComparisonGroup, b: ComparisonGroup): TestResult | null {
	return a.n < 2 || b.n < 2 ? null : welchT(a.values, b.values);
}
