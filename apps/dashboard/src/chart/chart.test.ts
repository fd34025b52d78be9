import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	alignLines,
	type ChartLine,
	extent,
	pointCount,
	sharedPositions,
	valueExtent,
	valueNear,
	withinNature,
} from './lines';
import { niceStep, type Range, stepOutward, stepOutwardX } from './range';
import { spreadLabels } from './spread-labels';

const line = (x: number[], y: number[], band?: { low: number[]; high: number[] }): ChartLine => ({
	id: 'a',
	group: 'a',
	role: 'main',
	color: { share: 0.5 },
	dash: [],
	x,
	y,
	...band,
});

describe('alignLines', () => {
	it('joins positions and leaves holes where a line has nothing', () => {
		const lines = [
			line([1, 3], [10, 30]),
			line([2, 3], [20, Number.NaN], { low: [19, Number.NaN], high: [21, Number.NaN] }),
		];
		expect(alignLines(lines)).toEqual({
			x: [1, 2, 3],
			columns: [
				[10, null, 30],
				[null, 20, null],
				[null, 19, null],
				[null, 21, null],
			],
		});
		expect(pointCount(lines)).toBe(3);
	});
});

describe('sharedPositions', () => {
	it('takes the positions that most lines have', () => {
		expect(sharedPositions([line([1, 2, 4], [1, 1, 1]), line([2, 3, 4], [1, 1, Number.NaN])])).toEqual([2]);
		expect(sharedPositions([])).toEqual([]);
	});
});

describe('extent and valueNear', () => {
	const banded = line([1, 2], [5, 6], { low: [4, Number.NaN], high: [7, Number.NaN] });
	it('covers the band', () => {
		expect(extent([banded], 'y')).toEqual([4, 7]);
		expect(extent([], 'y')).toBeNull();
	});
	it('lets a wide band leave the picture, and not the values', () => {
		const wide = line([1, 2, 3], [4, 5, 6], { low: [-90, 4, 5], high: [99, 6, 6.5] });
		expect(valueExtent([wide])).toEqual([3, 7]);
		expect(valueExtent([banded])).toEqual([4.5, 6.5]);
		expect(valueExtent([])).toBeNull();
	});
	it('does not go where values cannot be', () => {
		expect(valueExtent([line([1, 2], [0.5, 1], { low: [-0.2, 0.8], high: [0.6, 1.4] })])).toEqual([0.25, 1]);
		expect(withinNature([0.1, 3], [-1, 4])).toEqual([0, 4]);
	});
	it('reads the nearest point with its interval', () => {
		expect(valueNear(banded, 1.2)).toEqual({ x: 1, y: 5, half: 1.5 });
		expect(valueNear(banded, 9)).toEqual({ x: 2, y: 6, half: null });
	});
});

describe('stepOutward', () => {
	it('takes round bounds, then keeps them while they hold', () => {
		const first = stepOutward(null, [0.31, 0.83]);
		expect(first).toEqual([0.2, 1]);
		expect(stepOutward(first, [0.4, 0.99])).toBe(first);
		expect(stepOutward(first, [0.4, 1.3])).toEqual([0.2, 1.5]);
	});

	it('gives a flat line air and does not go below zero for it', () => {
		expect(stepOutward(null, [1, 1])).toEqual([0.95, 1.05]);
		expect(stepOutward(null, [0, 0])).toEqual([0, 0.5]);
	});

	it('always holds the data and never shrinks', () => {
		const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
		fc.assert(
			fc.property(fc.array(fc.tuple(bound, bound), { minLength: 1, maxLength: 8 }), (pairs) => {
				let range: Range | null = null;
				for (const pair of pairs) {
					const data: Range = [Math.min(...pair), Math.max(...pair)];
					const next = stepOutward(range, data) as Range;
					const slack = 1e-8 * (next[1] - next[0]);
					expect(next[0]).toBeLessThanOrEqual(data[0] + slack);
					expect(next[1]).toBeGreaterThanOrEqual(data[1] - slack);
					expect(next[1]).toBeGreaterThan(next[0]);
					if (range !== null) {
						expect(next[0]).toBeLessThanOrEqual(range[0] + slack);
						expect(next[1]).toBeGreaterThanOrEqual(range[1] - slack);
					}
					range = next;
				}
			}),
		);
	});
});

describe('stepOutwardX', () => {
	it('goes to the known end at once, else outward in rare steps', () => {
		expect(stepOutwardX(null, [1, 3], 200)).toEqual([0, 200]);
		expect(stepOutwardX([0, 200], [1, 180], 200)).toEqual([0, 200]);
		expect(stepOutwardX(null, [0, 17], null)).toEqual([0, 20]);
		expect(stepOutwardX([0, 20], [0, 21], null)).toEqual([0, 30]);
		expect(stepOutwardX(null, null, null)).toBeNull();
	});
	it('niceStep', () => {
		expect([0.013, 0.2, 3, 7].map(niceStep)).toEqual([0.02, 0.2, 5, 10]);
	});
});

describe('spreadLabels', () => {
	it('leaves alone what has room', () => {
		expect(spreadLabels([50, 10], 15, 0, 100)).toEqual([50, 10]);
	});
	it('pushes neighbours apart around their middle and stays inside', () => {
		expect(spreadLabels([50, 52], 10, 0, 100)).toEqual([46, 56]);
		expect(spreadLabels([99, 98, 97], 10, 0, 100)).toEqual([100, 90, 80]);
	});
	it('keeps order and distance', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 12 }), (wanted) => {
				const placed = spreadLabels(wanted, 15, 0, 400);
				const pairs = wanted.map((want, index) => [want, placed[index] as number] as const);
				pairs.sort((a, b) => a[1] - b[1]);
				for (let at = 1; at < pairs.length; at += 1) {
					expect((pairs[at]?.[1] ?? 0) - (pairs[at - 1]?.[1] ?? 0)).toBeGreaterThanOrEqual(15 - 1e-9);
					expect(pairs[at]?.[0] ?? 0).toBeGreaterThanOrEqual(pairs[at - 1]?.[0] ?? 0);
				}
			}),
		);
	});
});
