import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleSd, tInterval } from '../statistics/index.js';
import { bandOverRuns, bucketIndex, equalWidths, stepCells, visibleRanges } from './index.js';

const f = (...values: number[]) => Float64Array.from(values);
/** Each distinct x a bucket of its own. */
const each = (runs: readonly { x: Float64Array }[]) =>
	bucketIndex(
		runs.map(({ x }) => x),
		1000,
	);

describe('bandOverRuns', () => {
	it('is the t interval over runs at each common step', () => {
		const runs = [
			{ x: f(1, 2), values: f(0.5, 0.9) },
			{ x: f(1, 2), values: f(0.7, 0.8) },
			{ x: f(1, 2, 3), values: f(0.6, 1, 0.4) },
		];
		const band = bandOverRuns(runs, each(runs));
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
		const band = bandOverRuns([often, seldom], equalWidths(0, 99, 2));
		expect(band.mean).toEqual(f(2, 2));
	});

	it('weighs the means of cells by the points that they stand for', () => {
		const cells = [
			{ x: f(0, 4), values: f(1, 4), counts: f(2, 1) },
			{ x: f(0), values: f(3) },
		];
		const band = bandOverRuns(cells, stepCells(0, 7, 3));
		expect([band.x, band.mean]).toEqual([f(0), f(2.5)]);
		expect(bandOverRuns(cells, stepCells(0, 7, 2)).x).toEqual(f(0, 4));
	});

	it('leaves out what is no finite number, and is empty without points', () => {
		const runs = [{ x: f(1, 2), values: f(Number.NaN, 5) }];
		const band = bandOverRuns(runs, each(runs));
		expect([band.x, band.mean]).toEqual([f(2), f(5)]);
		expect(bandOverRuns([], each([])).x).toEqual(f());
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
