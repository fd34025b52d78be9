import type { MetricPoints } from '@graft/domain/metric';
import { decodeFloats, decodeIntegers, encodeFloats, encodeIntegers } from './chunk-codec.js';

/** A series of a batch as one row of metric_chunk, with what its summary needs. */
export interface EncodedChunk {
	readonly key: string;
	readonly count: number;
	readonly nonFinite: number;
	readonly minStep: number;
	readonly maxStep: number;
	/** Null where no value is finite. */
	readonly minValue: number | null;
	readonly minValueStep: number | null;
	readonly maxValue: number | null;
	readonly maxValueStep: number | null;
	readonly sumValue: number;
	readonly firstValue: number;
	/** Of the highest step; of equal steps the one that came last. */
	readonly lastValue: number;
	readonly encodedSteps: Buffer;
	readonly encodedTimes: Buffer;
	readonly encodedValues: Buffer;
}

/** Times are kept in whole milliseconds. The series has one point at least. */
export function encodeChunk({ key, steps, values, times }: MetricPoints & { readonly key: string }): EncodedChunk {
	let nonFinite = 0;
	let sumValue = 0;
	let [minStep, maxStep] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
	let [minAt, maxAt, lastAt] = [-1, -1, 0];
	for (let index = 0; index < steps.length; index++) {
		const step = steps[index] as number;
		const value = values[index] as number;
		minStep = Math.min(minStep, step);
		if (step >= maxStep) lastAt = index;
		maxStep = Math.max(maxStep, step);
		if (!Number.isFinite(value)) {
			nonFinite += 1;
			continue;
		}
		sumValue += value;
		if (minAt < 0 || value < (values[minAt] as number)) minAt = index;
		if (maxAt < 0 || value > (values[maxAt] as number)) maxAt = index;
	}
	const at = (list: Float64Array, index: number) => (index < 0 ? null : (list[index] as number));
	return {
		key,
		count: steps.length,
		nonFinite,
		minStep,
		maxStep,
		minValue: at(values, minAt),
		minValueStep: at(steps, minAt),
		maxValue: at(values, maxAt),
		maxValueStep: at(steps, maxAt),
		sumValue,
		firstValue: values[0] as number,
		lastValue: values[lastAt] as number,
		encodedSteps: encodeIntegers(steps),
		encodedTimes: encodeIntegers(times.map(Math.round)),
		encodedValues: encodeFloats(values),
	};
}

export interface StoredChunk {
	readonly count: number;
	readonly encodedSteps: Buffer;
	readonly encodedTimes: Buffer;
	readonly encodedValues: Buffer;
}

export function decodeChunk(chunk: StoredChunk): MetricPoints {
	return {
		steps: decodeIntegers(chunk.encodedSteps, chunk.count),
		values: decodeFloats(chunk.encodedValues, chunk.count),
		times: decodeIntegers(chunk.encodedTimes, chunk.count),
	};
}
