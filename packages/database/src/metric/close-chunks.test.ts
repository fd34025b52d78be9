import { cellOf, type MetricPoints } from '@graft/domain/metric';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeChunks, type PlannedChunk } from './close-chunks.js';

const of = (steps: readonly number[]) => {
	const list = Float64Array.from(steps);
	return { points: { steps: list, values: list, times: list }, sequences: [{ sequence: 1, count: list.length }] };
};
const levels = ({ pyramid }: PlannedChunk) => pyramid?.map(({ level }) => level);
const range = ({ steps }: MetricPoints) => [steps.at(0), steps.at(-1)];

test('100,000 steps: cells of 32, 128, 256, 512, 1,024 and 2,048 points, and no cell in two chunks', () => {
	const chunks = closeChunks(of([...Array(100_000).keys()]), { after: null, ended: true });
	expect(chunks.map(({ points }) => range(points))).toEqual([
		...[0, 1, 2, 3, 4, 5].map((at) => [at * 16_384, (at + 1) * 16_384 - 1]),
		[98_304, 99_999],
	]);
	for (const chunk of chunks) expect(levels(chunk)).toEqual([5, 7, 8, 9, 10, 11]);
});

test('the rest stays open while more may come, summed up as far as its cells are full', () => {
	const chunks = closeChunks(of([...Array(20_000).keys()]), { after: null, ended: false });
	expect(chunks.map(({ closed }) => closed)).toEqual([true, false, false]);
	expect(chunks.map(levels)).toEqual([[5, 7, 8, 9, 10, 11], [3, 5, 7], undefined]);
	expect(chunks.map(({ points }) => range(points))).toEqual([
		...[
			[0, 16_383],
			[16_384, 19_967],
		],
		[19_968, 19_999],
	]);
});

test('few points, and points of one step alone, stay open as they are', () => {
	for (const steps of [[...Array(255).keys()], Array(1_000).fill(7)]) {
		const chunks = closeChunks(of(steps), { after: null, ended: false });
		expect(chunks).toMatchObject([{ closed: false, pyramid: null }]);
		expect(chunks[0]?.points.steps).toHaveLength(steps.length);
	}
});

test('steps that grow, however unevenly, share no cell across a border', () => {
	const strides = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 40 });
	fc.assert(
		fc.property(
			strides,
			fc.integer({ min: 9_000, max: 40_000 }),
			fc.integer({ min: 0, max: 5_000 }),
			fc.boolean(),
			(by, count, after, ended) => {
				let step = after;
				const steps = Array.from({ length: count }, (_, at) => {
					step += by[Math.floor(at / 1_000) % by.length] as number;
					return step;
				});
				let before = after;
				for (const { points, pyramid } of closeChunks(of(steps), { after, ended })) {
					const [first, last] = range(points) as [number, number];
					for (const { level } of pyramid ?? []) expect(cellOf(before, level)).toBeLessThan(cellOf(first, level));
					before = last;
				}
				expect(before).toBe(steps.at(-1));
			},
		),
		{ numRuns: 20 },
	);
});
