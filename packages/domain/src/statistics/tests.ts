import { type Interval, mean, sampleSd } from './describe.js';
import { studentTQuantile, studentTTwoSided } from './student-t.js';

/** A test of "the two means are equal". */
export interface TestResult {
	/** mean(a) - mean(b). */
	readonly difference: number;
	readonly standardError: number;
	readonly degreesOfFreedom: number;
	/** Infinite where the values do not vary but differ. */
	readonly t: number;
	/** Two-sided. */
	readonly pValue: number;
}

/** Student's t on the differences a[i] - b[i]. Needs two pairs at least. */
export function pairedT(a: readonly number[], b: readonly number[]): TestResult {
	const differences = pairwise(a, b);
	const error = (sampleSd(differences) ?? Number.NaN) / Math.sqrt(differences.length);
	return tResult(mean(differences), error, differences.length - 1);
}

/** Welch's t for two independent samples of unequal variance. Each needs two values at least. */
export function welchT(a: readonly number[], b: readonly number[]): TestResult {
	const partA = (sampleSd(a) ?? Number.NaN) ** 2 / a.length;
	const partB = (sampleSd(b) ?? Number.NaN) ** 2 / b.length;
	const freedom = (partA + partB) ** 2 / (partA ** 2 / (a.length - 1) + partB ** 2 / (b.length - 1));
	// Without any variance the formula is 0 / 0; the interval is a point then, whatever the freedom.
	const known = Number.isNaN(freedom) && partA + partB === 0 ? a.length + b.length - 2 : freedom;
	return tResult(mean(a) - mean(b), Math.sqrt(partA + partB), known);
}

/** The two-sided interval of the difference; null where an end is beyond every double. */
export function differenceInterval(result: TestResult, level: number): Interval | null {
	const half = studentTQuantile((1 + level) / 2, result.degreesOfFreedom) * result.standardError;
	const [low, high] = [result.difference - half, result.difference + half];
	return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : null;
}

/** 2^20 sums take about 10 ms; with more pairs than this the t test is as good. */
export const MAX_SIGN_FLIP_PAIRS = 20;

/**
 * Exact two-sided p-value of the sign-flip permutation test on the pairs: the share of the 2^n sign patterns whose sum
 * is at least as far from 0 as the one seen. Assumes no distribution. Refuses more than MAX_SIGN_FLIP_PAIRS pairs.
 */
export function signFlip(a: readonly number[], b: readonly number[]): number {
	const differences = pairwise(a, b);
	const n = differences.length;
	if (n === 0 || n > MAX_SIGN_FLIP_PAIRS)
		throw new RangeError(`signFlip takes 1 to ${MAX_SIGN_FLIP_PAIRS} pairs, not ${n}.`);
	const seen = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
	// Sums that are equal on paper differ in the last digits: they must still count as equal.
	const slack = 1e-12 * differences.reduce((sum, difference) => sum + Math.abs(difference), 0);
	let asFar = 0;
	const visit = (index: number, sum: number): void => {
		if (index === n) {
			if (Math.abs(sum) >= seen - slack) asFar++;
			return;
		}
		visit(index + 1, sum + (differences[index] as number));
		visit(index + 1, sum - (differences[index] as number));
	};
	visit(0, 0);
	return asFar / 2 ** n;
}

function tResult(difference: number, standardError: number, degreesOfFreedom: number): TestResult {
	const t = difference === 0 && standardError === 0 ? 0 : difference / standardError;
	return { difference, standardError, degreesOfFreedom, t, pValue: studentTTwoSided(t, degreesOfFreedom) };
}

function pairwise(a: readonly number[], b: readonly number[]): number[] {
	if (a.length !== b.length) throw new RangeError(`Pairs need equally long lists, not ${a.length} and ${b.length}.`);
	return a.map((value, index) => value - (b[index] as number));
}
