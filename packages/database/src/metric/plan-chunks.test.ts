import { expect, test } from 'vitest';
import { type KnownChunk, POINTS_AT_ONCE, planChunks } from './plan-chunks.js';

const fresh = (key: string, count: number) => {
	const list = new Float64Array(count);
	const points = { steps: list, values: list, times: list };
	return new Map([[key, { points, sequences: [{ sequence: 1, count }] }]]);
};
/** Counts of the open chunks behind so many closed points; steps are positions. */
const stored = (closed: number, ...open: readonly number[]): KnownChunk[] => {
	let position = closed;
	const chunks = open.map((count) => {
		position += count;
		return { key: 'loss', position: position - count, count, maxStep: position - 1 };
	});
	return closed === 0 ? chunks : [{ key: 'loss', position: null, count: closed, maxStep: closed - 1 }, ...chunks];
};
const plan = (known: KnownChunk[], count: number, ended = false) =>
	planChunks(new Map([['loss', known]]), fresh('loss', count), ended)[0]?.[0];

test('a chunk is joined once as much lies behind it, and no closed one ever', () => {
	expect(plan([], 10)).toEqual({ key: 'loss', from: 0, after: null, joins: false, points: 10 });
	expect(plan(stored(9_000, 512, 128), 100)).toMatchObject({ from: 9_640, after: 9_639, joins: false });
	expect(plan(stored(9_000, 512, 128), 128)).toMatchObject({ from: 9_512, after: 9_511, joins: true, points: 256 });
	expect(plan(stored(9_000, 256, 128), 128)).toMatchObject({ from: 9_000, after: 8_999, joins: true, points: 512 });
});

test('all open ones are joined where they fill a closed one, or nothing follows', () => {
	expect(plan(stored(0, 8_000, 100), 91)).toMatchObject({ from: 8_100, joins: false });
	expect(plan(stored(0, 8_000, 100), 92)).toMatchObject({ from: 0, after: null, joins: true, points: 8_192 });
	expect(plan(stored(9_000, 512, 128), 1, true)).toMatchObject({ from: 9_000, joins: true, points: 641 });
	expect(planChunks(new Map([['loss', stored(9_000)]]), new Map(), true)).toEqual([]);
});

test('a run of thousands of keys is not held in memory at once', () => {
	const keys = Array.from({ length: 1_000 }, (_, at) => `layer${at}`);
	const known = new Map(keys.map((key) => [key, stored(0, 2_100).map((chunk) => ({ ...chunk, key }))]));
	const groups = planChunks(known, fresh('layer0', POINTS_AT_ONCE + 1), true);
	expect(groups.flat().map(({ key }) => key)).toEqual(keys);
	expect(groups.map((group) => group.length)).toEqual([1, 476, 476, 47]);
});
