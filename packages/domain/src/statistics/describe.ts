import { studentTQuantile } from './student-t.js';

export interface Interval {
	readonly low: number;
	readonly high: number;
}

/** NaN for an empty list. Finite for finite values, also where their sum is beyond every double. */
export function mean(values: readonly number[]): number {
	const n = values.length;
	if (n === 0) return Number.NaN;
	const sum = values.reduce((total, value) => total + value, 0);
	const first = Number.isFinite(sum) ? sum / n : values.reduce((total, value) => total + value / n, 0);
	// A second pass takes the rounding of the first one out.
	const rest = values.reduce((total, value) => total + (value - first), 0) / n;
	return Number.isFinite(rest) ? first + rest : first;
}

/**
 * Standard deviation with n - 1 in the denominator; null for fewer than two values, and where it is beyond every double.
 */
export function sampleSd(values: readonly number[]): number | null {
	if (values.length < 2) return null;
	const centre = mean(values);
	const deviations = values.map((value) => value - centre);
	const rootMeanSquare = (list: readonly number[]) =>
		Math.sqrt(list.reduce((sum, one) => sum + one ** 2, 0) / (values.length - 1));
	const sd = rootMeanSquare(deviations);
	if (Number.isFinite(sd)) return sd;
	// Squares overflow long before what they are the squares of.
	const largest = deviations.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
	const scaled = largest * rootMeanSquare(deviations.map((one) => one / largest));
	return Number.isFinite(scaled) ? scaled : null;
}

/** Two-sided t interval of the mean; null for fewer than two values, and where an end is beyond every double. */
export function tInterval(values: readonly number[], level = 0.95): Interval | null {
	const sd = sampleSd(values);
	if (sd === null) return null;
	const centre = mean(values);
	const half = studentTQuantile((1 + level) / 2, values.length - 1) * (sd / Math.sqrt(values.length));
	const interval = { low: centre - half, high: centre + half };
	return Number.isFinite(interval.low) && Number.isFinite(interval.high) ? interval : null;
}
