import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleSd, tInterval } from '../statistics/index.js';
import { bandOverRuns, bucketPoints, visibleRanges } from './index.js';

const f = (...values: number[]) => Float64Array.from(values);
const all = { buckets: 1000, from: null, to: null };

describe('bucketPoints', () => {
	it('shows a short series as it is, in order of x', () => {
		expect(bucketPoints(f(3, 1, 2), f(30, 10, 20), all)).toEqual({
			points: 3,
			steps: f(1, 2, 3),
			min: f(10, 20, 30),
			max: f(10, 20, 30),
			mean: f(10, 20, 30),
			nonFinite: [],
		});
	});

	it('cuts a long one into equal widths and keeps the extremes', () => {
		const x = Float64Array.from({ length: 1000 }, (_, i) => i);
		const values = x.map((step) => (step === 137 ? 99 : step === 731 ? -99 : step));
		const made = bucketPoints(x, values, { buckets: 10, from: null, to: null });
		expect(made.points).toBe(1000);
		expect(made.steps).toEqual(f(0, 100, 200, 300, 400, 500, 600, 700, 800, 900));
		expect(Math.max(...made.max)).toBe(999);
		expect(made.min[7]).toBe(-99);
		expect(made.mean[0]).toBeCloseTo(49.5, 9);
		expect(made.mean[2]).toBeCloseTo(249.5, 9);
	});

	it('keeps to the range, its ends included', () => {
		const made = bucketPoints(f(0, 1, 2, 3, 4), f(0, 1, 2, 3, 4), { buckets: 10, from: 1, to: 3 });
		expect(made.steps).toEqual(f(1, 2, 3));
		expect(made.points).toBe(3);
		const wide = bucketPoints(f(0, 1, 2, 3, 4), f(0, 1, 2, 3, 4), { buckets: 2, from: 0, to: 8 });
		expect(wide.steps).toEqual(f(0, 4));
		expect(wide.max).toEqual(f(3, 4));
	});

	it('reports what is no finite number apart, the first of each kind in each bucket', () => {
		const values = f(1, Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2);
		const made = bucketPoints(f(0, 1, 2, 3, 4, 5), values, { buckets: 1, from: null, to: null });
		expect(made.points).toBe(6);
		expect([made.min[0], made.max[0], made.mean[0]]).toEqual([1, 2, 1.5]);
		expect(made.nonFinite).toEqual([
			{ step: 1, value: 'NaN' },
			{ step: 3, value: 'Infinity' },
			{ step: 4, value: '-Infinity' },
		]);
		const only = bucketPoints(f(7), f(Number.NaN), all);
		expect(only).toMatchObject({ points: 1, steps: f(), nonFinite: [{ step: 7, value: 'NaN' }] });
	});

	it('survives huge values, one repeated x, and no points', () => {
		const huge = bucketPoints(f(1, 1, 1), f(1.7e308, 1.7e308, -1.7e308), { buckets: 1, from: null, to: null });
		expect(huge.mean[0]).toBeCloseTo(1.7e308 / 3, -300);
		expect(bucketPoints(f(), f(), all)).toMatchObject({ points: 0, steps: f() });
		expect(bucketPoints(f(Number.NaN), f(1), all)).toMatchObject({ points: 0, steps: f() });
	});

	it('keeps every finite value in a bucket, whatever the order of arrival', () => {
		const point = fc.record({ x: fc.integer({ min: 0, max: 500 }), value: fc.double() });
		fc.assert(
			fc.property(fc.array(point, { maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (points, buckets) => {
				const x = Float64Array.from(points, (one) => one.x);
				const values = Float64Array.from(points, (one) => one.value);
				const made = bucketPoints(x, values, { buckets, from: null, to: null });
				const finite = points.filter((one) => Number.isFinite(one.value)).map((one) => one.value);
				expect(made.points).toBe(points.length);
				expect(made.steps.length).toBeLessThanOrEqual(buckets);
				expect(made.nonFinite.length).toBeLessThanOrEqual(3 * buckets);
				if (finite.length > 0) {
					expect(Math.min(...made.min) - Math.min(...finite)).toBe(0);
					expect(Math.max(...made.max) - Math.max(...finite)).toBe(0);
				}
				made.steps.forEach((step, i) => {
					if (i > 0) expect(step).toBeGreaterThan(made.steps[i - 1] as number);
					expect(made.mean[i]).toBeGreaterThanOrEqual(made.min[i] as number);
					expect(made.mean[i]).toBeLessThanOrEqual(made.max[i] as number);
				});
				const backwards = bucketPoints(x.toReversed(), values.toReversed(), { buckets, from: null, to: null });
				expect([backwards.steps, backwards.min, backwards.max, backwards.nonFinite]).toEqual([
					made.steps,
					made.min,
					made.max,
					made.nonFinite,
				]);
			}),
		);
	});
});

describe('bandOverRuns', () => {
	it('is the t interval over runs at each common step', () => {
		const runs = [
			{ x: f(1, 2), values: f(0.5, 0.9) },
			{ x: f(1, 2), values: f(0.7, 0.8) },
			{ x: f(1, 2, 3), values: f(0.6, 1, 0.4) },
		];
		const band = bandOverRuns(runs, all);
		expect(band.x).toEqual(f(1, 2, 3));
		expect(band.mean[0]).toBeCloseTo(0.6, 12);
		expect(band.sd[1]).toBeCloseTo(sampleSd([0.9, 0.8, 1]) ?? 0, 12);
		const interval = tInterval([0.9, 0.8, 1]);
		expect(band.low[1]).toBeCloseTo(interval?.low ?? 0, 12);
		expect(band.high[1]).toBeCloseTo(interval?.high ?? 0, 12);
		expect([band.mean[2], band.sd[2], band.low[2], band.high[2]]).toEqual([0.4, Number.NaN, Number.NaN, Number.NaN]);
	});

	it('lets a run count once in a bucket, however often it logged there', () => {
		const often = { x: Float64Array.from({ length: 100 }, (_, i) => i), values: new Float64Array(100).fill(1) };
		const seldom = { x: f(0, 99), values: f(3, 3) };
		const band = bandOverRuns([often, seldom], { buckets: 2, from: null, to: null });
		expect(band.mean).toEqual(f(2, 2));
	});

	it('leaves out what is no finite number, and is empty without points', () => {
		const band = bandOverRuns([{ x: f(1, 2), values: f(Number.NaN, 5) }], all);
		expect([band.x, band.mean]).toEqual([f(2), f(5)]);
		expect(bandOverRuns([], all).x).toEqual(f());
	});
});

describe('visibleRanges', () => {
	const attempts = (...resumedFrom: (number | null)[]) =>
		resumedFrom.map((resumedFromStep, index) => ({ number: index + 1, resumedFromStep }));

	it('cuts the tail off that a later attempt has trained again', () => {
		expect(visibleRanges(attempts(null))).toEqual([{ attempt: 1, lastStep: Number.POSITIVE_INFINITY }]);
		expect(visibleRanges(attempts(null, 40, 20))).toEqual([
			{ attempt: 1, lastStep: 20 },
			{ attempt: 2, lastStep: 20 },
			{ attempt: 3, lastStep: Number.POSITIVE_INFINITY },
		]);
		expect(visibleRanges(attempts(null, 40, 60)).map((range) => range.lastStep)).toEqual([
			40,
			60,
			Number.POSITIVE_INFINITY,
		]);
	});

	it('hides all before an attempt that began anew', () => {
		expect(visibleRanges(attempts(null, 40, null)).map((range) => range.lastStep)).toEqual([
			Number.NEGATIVE_INFINITY,
			Number.NEGATIVE_INFINITY,
			Number.POSITIVE_INFINITY,
		]);
		expect(visibleRanges([])).toEqual([]);
	});

	it('shows each step once: what one uninterrupted run would have logged', () => {
		// Each attempt resumes at a step that its predecessors have reached, and logs a stretch from there.
		const stretch = fc.record({ back: fc.nat(10), length: fc.integer({ min: 1, max: 10 }), anew: fc.boolean() });
		fc.assert(
			fc.property(fc.array(stretch, { minLength: 1, maxLength: 6 }), (stretches) => {
				let reached = 0;
				const logged: { attempt: number; step: number }[] = [];
				const made = stretches.map(({ back, length, anew }, index) => {
					const from = index === 0 || anew ? 0 : Math.max(0, reached - back);
					for (let step = from + 1; step <= from + length; step++) logged.push({ attempt: index + 1, step });
					reached = from + length;
					return { number: index + 1, resumedFromStep: index === 0 || anew ? null : from };
				});
				const ranges = new Map(visibleRanges(made).map(({ attempt, lastStep }) => [attempt, lastStep]));
				const seen = logged.filter(({ attempt, step }) => step <= (ranges.get(attempt) ?? Number.NaN));
				expect(seen.map(({ step }) => step).sort((a, b) => a - b)).toEqual(
					Array.from({ length: reached }, (_, i) => i + 1),
				);
			}),
		);
	});
});
