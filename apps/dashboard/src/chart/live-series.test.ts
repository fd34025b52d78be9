import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveSeries, MOST_STRETCHES } from './live-series';

const upTo = (count: number, first = 0) => Array.from({ length: count }, (_, at) => first + at);
const grown = (steps: readonly number[], valueAt = (step: number) => step) => {
	const series = new LiveSeries();
	series.add(1, steps, steps.map(valueAt));
	return series;
};

describe('LiveSeries', () => {
	it('appends, and ignores what comes again', () => {
		const series = grown([1, 2, 3]);
		series.add(1, [1, 2], [7, 7]);
		series.add(1, [3, 4], [7, 4]);
		expect(series).toMatchObject({ x: [1, 2, 3, 4], mean: [1, 2, 3, 4], points: 4, lastX: 4, settled: 4, edition: 0 });
	});

	it('rewinds to where a later attempt goes on, and takes nothing from the one before', () => {
		const series = grown([1, 2, 3, 4]);
		series.add(2, [3], [13]);
		series.add(1, [5], [5]);
		expect(series).toMatchObject({ x: [1, 2, 3], mean: [1, 2, 13], points: 3, lastX: 3, lastY: 13, edition: 1 });
		series.add(3, [1], [11]);
		expect(series).toMatchObject({ x: [1], mean: [11], points: 1 });
	});

	it('leaves out a stretch that reaches over the step at which a later attempt began', () => {
		const series = grown(upTo(1_600));
		series.add(2, [1_001], [-1]);
		expect(series.x.slice(-2)).toEqual([996, 1_001]);
		expect(series.low.at(-1)).toBe(-1);
		expect(series.points).toBe(1_001);
	});

	it('holds the mean, the lowest and the highest over equal stretches of one grid', () => {
		const { x, mean, low, high } = grown(upTo(1_600, 100));
		const width = (x[2] as number) - (x[1] as number);
		expect(Math.log2(width) % 1).toBe(0);
		for (const [at, first] of x.entries()) {
			const last = Math.min(1_699, (Math.floor(first / width) + 1) * width - 1);
			expect([low[at], high[at]]).toEqual([first, last]);
			expect(mean[at]).toBeCloseTo((first + last) / 2, 9);
			if (at > 0) expect(first % width).toBe(0);
		}
	});

	it('counts what is not finite, and draws it nowhere', () => {
		const series = grown([1, 2, 3, 4], (step) =>
			step === 2 ? Number.NaN : step === 3 ? Number.POSITIVE_INFINITY : step,
		);
		expect(series).toMatchObject({ x: [1, 4], broken: 2, points: 2 });
	});

	it('does not overflow where no value does', () => {
		const { mean } = grown(upTo(1_600), () => 1.7e308);
		for (const value of mean) expect(value).toBeCloseTo(1.7e308, -300);
	});

	it('goes on from what is stored as if it had seen it all', () => {
		const width = 8;
		const steps = upTo(250).map((at) => at * width);
		const whole = grown(upTo(2_000));
		const series = new LiveSeries();
		const min = steps;
		const max = steps.map((step) => step + width - 1);
		const mean = steps.map((step) => step + (width - 1) / 2);
		series.begin({ attempt: 1, points: 2_000, steps, mean, min, max, broken: null });
		for (const one of [series, whole]) one.add(1, upTo(3_000, 2_000), upTo(3_000, 2_000));
		expect(series.x).toEqual(whole.x);
		for (const [at, value] of whole.mean.entries()) expect(series.mean[at]).toBeCloseTo(value, 9);
		expect(series.points).toBe(whole.points);
		// A later attempt that began before them.
		for (const one of [series, whole]) one.add(2, [800], [-1]);
		expect(series.x).toEqual(whole.x);
		expect([series.lastX, series.lastY]).toEqual([800, -1]);
	});

	it('is bounded, keeps every extreme, and is the same however the points are cut', () => {
		const step = fc.integer({ min: 1, max: 50 });
		const value = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
		fc.assert(
			fc.property(fc.array(fc.tuple(step, value), { maxLength: 1_500 }), fc.array(fc.nat(90)), (given, cuts) => {
				let at = 0;
				const steps = given.map(([gap]) => (at += gap));
				const values = given.map(([, one]) => one);
				const whole = new LiveSeries();
				whole.add(1, steps, values);
				const pieces = new LiveSeries();
				let from = 0;
				for (const cut of [...cuts, steps.length]) {
					pieces.add(1, steps.slice(from, from + cut), values.slice(from, from + cut));
					from += cut;
				}
				expect(pieces.x).toEqual(whole.x);
				expect(pieces.mean).toEqual(whole.mean);
				expect(whole.x.length).toBeLessThanOrEqual(MOST_STRETCHES);
				expect(whole.points).toBe(steps.length);
				if (steps.length === 0) return;
				expect(Math.min(...whole.low)).toBe(Math.min(...values));
				expect(Math.max(...whole.high)).toBe(Math.max(...values));
				expect([whole.lastX, whole.lastY]).toEqual([steps.at(-1), values.at(-1)]);
			}),
		);
	});
});
