import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketCells, type Cells, cellOf, cellsOfPoints, coarsen, joinCells, levelFor } from './index.js';

const f = (...values: number[]) => Float64Array.from(values);
const points = (steps: number[], values: number[]) => ({
	steps: f(...steps),
	values: f(...values),
	times: f(...steps.map((step) => step * 10)),
});
const onStep = (cells: Cells) => bucketCells(cells, (step) => step, null, null);

describe('cells', () => {
	it('show points as they are at level 0, in order of steps', () => {
		expect(onStep(cellsOfPoints(points([3, 1, 2], [30, 10, 20])))).toEqual({
			points: 3,
			...{ steps: f(1, 2, 3), min: f(10, 20, 30), max: f(10, 20, 30), mean: f(10, 20, 30), nonFinite: [] },
		});
	});

	it('join the points of a step, and of 2^level steps', () => {
		const cells = cellsOfPoints(points([0, 1, 1, 2, 7], [1, 2, 4, 9, 5]));
		expect([cells.index, cells.count, cells.mean]).toEqual([f(0, 1, 2, 7), f(1, 2, 1, 1), f(1, 3, 9, 5)]);
		const wide = coarsen(cells, 2);
		expect([wide.index, wide.firstStep, wide.firstTime]).toEqual([f(0, 1), f(0, 7), f(0, 70)]);
		expect([wide.min, wide.max, wide.mean, wide.count]).toEqual([f(1, 5), f(9, 5), f(4, 5), f(4, 1)]);
	});

	it('find the level for a range', () => {
		expect([levelFor(0, 9, 10), levelFor(0, 10, 10), levelFor(0, 99_999, 1000)]).toEqual([0, 1, 7]);
		expect(levelFor(0, Number.MAX_SAFE_INTEGER, 1)).toBe(53);
	});

	it('name what is no finite number apart, the first of each kind in each cell', () => {
		const values = [1, Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2];
		const made = onStep(coarsen(cellsOfPoints(points([0, 1, 2, 3, 4, 5], values)), 3));
		expect([made.points, made.min, made.max, made.mean]).toEqual([6, f(1), f(2), f(1.5)]);
		expect(made.nonFinite).toEqual([
			{ step: 1, value: 'NaN' },
			{ step: 3, value: 'Infinity' },
			{ step: 4, value: '-Infinity' },
		]);
		const only = onStep(cellsOfPoints(points([7], [Number.NaN])));
		expect(only).toMatchObject({ points: 1, steps: f(), nonFinite: [{ step: 7, value: 'NaN' }] });
	});

	it('survive huge values, and no points', () => {
		const huge = onStep(cellsOfPoints(points([1, 1, 1], [1.7e308, 1.7e308, -1.7e308])));
		expect(huge.mean[0]).toBeCloseTo(1.7e308 / 3, -300);
		expect(onStep(coarsen(cellsOfPoints(points([], [])), 9))).toMatchObject({ points: 0, steps: f() });
	});

	it('keep to a range of the axis', () => {
		const cells = cellsOfPoints(points([0, 1, 2, 3], [0, 1, Number.NaN, 3]));
		const made = bucketCells(cells, (_, time) => time / 10, 1, 2);
		expect([made.steps, made.nonFinite]).toEqual([f(1), [{ step: 2, value: 'NaN' }]]);
	});

	it('join in order, also where one part lies in a gap of another', () => {
		const outer = cellsOfPoints(points([1, 2, 9], [10, 20, 90]));
		const inner = cellsOfPoints(points([5, 6], [50, 60]));
		const whole = cellsOfPoints(points([1, 2, 5, 6, 9], [10, 20, 50, 60, 90]));
		expect(joinCells([outer, inner], 0)).toEqual(whole);
		expect(coarsen(joinCells([inner, outer], 0), 2)).toEqual(coarsen(whole, 2));
	});

	const point = fc.record({ step: fc.integer({ min: 0, max: 500 }), value: fc.double() });
	it('keep every finite value, whatever the order of arrival', () => {
		fc.assert(
			fc.property(fc.array(point, { maxLength: 200 }), fc.integer({ min: 0, max: 10 }), (list, level) => {
				const steps = list.map((one) => one.step);
				const values = list.map((one) => one.value);
				const made = onStep(coarsen(cellsOfPoints(points(steps, values)), level));
				const finite = values.filter(Number.isFinite);
				expect(made.points).toBe(list.length);
				if (finite.length > 0) {
					expect(Math.min(...made.min) - Math.min(...finite)).toBe(0);
					expect(Math.max(...made.max) - Math.max(...finite)).toBe(0);
				}
				made.steps.forEach((step, i) => {
					if (i > 0) expect(cellOf(step, level)).toBeGreaterThan(cellOf(made.steps[i - 1] as number, level));
					expect(made.mean[i]).toBeGreaterThanOrEqual(made.min[i] as number);
					expect(made.mean[i]).toBeLessThanOrEqual(made.max[i] as number);
				});
				const turned = onStep(coarsen(cellsOfPoints(points(steps.toReversed(), values.toReversed())), level));
				expect([turned.steps, turned.min, turned.max, turned.nonFinite]).toEqual([
					made.steps,
					made.min,
					made.max,
					made.nonFinite,
				]);
			}),
		);
	});

	it('are the same to the last bit, however their points were cut between cells', () => {
		const cut = fc.record({
			list: fc.array(point, { maxLength: 200 }),
			at: fc.nat(500),
			low: fc.nat(4),
			high: fc.nat(5),
		});
		fc.assert(
			fc.property(cut, ({ list, at, low, high }) => {
				const of = (some: typeof list) =>
					cellsOfPoints(
						points(
							some.map((one) => one.step),
							some.map((one) => one.value),
						),
					);
				const left = list.filter(({ step }) => cellOf(step, low) < cellOf(at, low));
				const right = list.filter(({ step }) => cellOf(step, low) >= cellOf(at, low));
				const joined = joinCells([coarsen(of(right), low), coarsen(of(left), low)], low);
				expect(coarsen(joined, low + high)).toEqual(coarsen(of(list), low + high));
			}),
		);
	});
});
