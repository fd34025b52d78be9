import { studentTQuantile } from './student-t.js';

export interface Interval {
	readonly low: number;
	readonly high: number;
}

/** NaN for an empty list. */
export function mean(values: readonly number[]): number {
	if (values.length === 0) return Number.NaN;
	const first = values.reduce((sum, value) => sum + value, 0) / values.length;
	// A second pass takes the rounding of the first one out.
	return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length;
}

/** Standard deviation with n - 1 in the denominator; null for fewer than two values. */
export function sampleSd(values: readonly number[]): number | null {
	if (values.length < 2) return null;
	const centre = mean(values);
	return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** Two-sided t interval of the mean; null for fewer than two values. */
export function tInterval(values: readonly number[], level = 0.95): Interval | null {
	const sd = sampleSd(values);
	if (sd === null) return null;
	const centre = mean(values);
	const half = studentTQuantile((1 + level) / 2, values.length - 1) * (sd / Math.sqrt(values.length));
	return { low: centre - half, high: centre + half };
}
