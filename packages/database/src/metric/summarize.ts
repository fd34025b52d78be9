import type { KeyedPoints } from './batch-codec.js';

/** What one batch adds to the summary of a series. */
export interface SeriesSummary {
	readonly key: string;
	readonly count: number;
	readonly nonFinite: number;
	readonly firstStep: number;
	readonly lastStep: number;
	/** Of the highest step; of equal steps the one that came last. */
	readonly lastValue: number;
	/** Null where no value is finite. */
	readonly minValue: number | null;
	readonly minStep: number | null;
	readonly maxValue: number | null;
	readonly maxStep: number | null;
}

/** The series has one point at least. */
export function summarize({ key, steps, values }: KeyedPoints): SeriesSummary {
	let nonFinite = 0;
	let [firstStep, lastStep] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
	let [minAt, maxAt, lastAt] = [-1, -1, 0];
	for (let index = 0; index < steps.length; index++) {
		const step = steps[index] as number;
		const value = values[index] as number;
		if (step < firstStep) firstStep = step;
		if (step >= lastStep) {
			lastAt = index;
			lastStep = step;
		}
		if (!Number.isFinite(value)) {
			nonFinite += 1;
			continue;
		}
		if (minAt < 0 || value < (values[minAt] as number)) minAt = index;
		if (maxAt < 0 || value > (values[maxAt] as number)) maxAt = index;
	}
	const at = (list: Float64Array, index: number) => (index < 0 ? null : (list[index] as number));
	return {
		...{ key, count: steps.length, nonFinite, firstStep, lastStep, lastValue: values[lastAt] as number },
		...{ minValue: at(values, minAt), minStep: at(steps, minAt) },
		...{ maxValue: at(values, maxAt), maxStep: at(steps, maxAt) },
	};
}

/** A double as text for Postgres; String forgets the sign of -0. */
export function doubleText(value: number | null): string | null {
	if (value === null) return null;
	return Object.is(value, -0) ? '-0' : String(value);
}
