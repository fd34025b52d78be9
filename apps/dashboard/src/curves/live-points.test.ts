import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	curveMetric,
	type Frame,
	MAX_FOLLOWED,
	mergeFrames,
	type PointMap,
	runsToFollow,
	thinned,
} from './live-points';

const frame = (attempt: number, steps: number[], shift = 0): Frame => ({
	runId: 'r',
	attempt,
	key: 'k',
	steps,
	values: steps.map((step) => step + shift),
});
const none: PointMap = new Map();

describe('mergeFrames', () => {
	it('appends, and ignores what comes again', () => {
		const once = mergeFrames(none, [frame(1, [1, 2]), frame(1, [3])]);
		expect(once.get('r/k')).toEqual({ attempt: 1, x: [1, 2, 3], y: [1, 2, 3] });
		expect(mergeFrames(once, [frame(1, [1, 2]), frame(1, [3, 4])]).get('r/k')?.x).toEqual([1, 2, 3, 4]);
	});

	it('rewinds to where a later attempt goes on', () => {
		const merged = mergeFrames(none, [frame(1, [1, 2, 3, 4]), frame(2, [3], 10), frame(1, [5])]);
		expect(merged.get('r/k')).toEqual({ attempt: 2, x: [1, 2, 3], y: [1, 2, 13] });
	});

	it('starts over where an attempt began anew', () => {
		expect(mergeFrames(none, [frame(1, [1, 2, 3]), frame(2, [1], 10)]).get('r/k')).toEqual({
			attempt: 2,
			x: [1],
			y: [11],
		});
	});

	it('leaves the map of before as it was', () => {
		const before = mergeFrames(none, [frame(1, [1])]);
		mergeFrames(before, [frame(1, [2])]);
		expect(before.get('r/k')?.x).toEqual([1]);
	});

	it('is the same however the frames are cut', () => {
		fc.assert(
			fc.property(fc.array(fc.nat({ max: 6 }), { maxLength: 20 }), (cuts) => {
				const steps = Array.from({ length: 60 }, (_, step) => step);
				const frames: Frame[] = [];
				let at = 0;
				for (const cut of cuts) {
					frames.push(frame(1, steps.slice(at, at + cut)));
					at += cut;
				}
				frames.push(frame(1, steps.slice(at)));
				const inBatches = frames.reduce((map, one) => mergeFrames(map, [one]), none);
				expect(mergeFrames(none, frames).get('r/k')).toEqual(inBatches.get('r/k'));
				expect(inBatches.get('r/k')?.x).toEqual(steps);
			}),
		);
	});
});

describe('thinned', () => {
	const line = (count: number, first = 0, valueAt = (step: number) => step) => {
		const x = Array.from({ length: count }, (_, at) => first + at);
		return { x, y: x.map(valueAt) };
	};

	it('leaves few points as they are', () => {
		const few = line(400);
		expect(thinned(few)).toBe(few);
	});

	it('draws means over equal stretches, so many as a chart has room for', () => {
		const { x, y } = thinned(line(1_600));
		expect(x).toEqual(Array.from({ length: 400 }, (_, at) => 4 * at));
		expect(y).toEqual(x.map((step) => step + 1.5));
	});

	it('puts lines of different runs on one grid', () => {
		const long = new Set(thinned(line(1_600)).x);
		expect(thinned(line(1_500, 100)).x.filter((step) => !long.has(step))).toEqual([]);
	});

	it('leaves values out that are none, and a gap where there are no others', () => {
		const { y } = thinned(line(1_600, 0, (step) => (step === 0 || (step >= 8 && step < 12) ? Number.NaN : 1)));
		expect(y.map(Number.isFinite)).toEqual(y.map((_, at) => at !== 2));
	});
});

describe('runsToFollow', () => {
	const run = (id: string, status: string) => ({ id, status });
	it('keeps its set while runs only end', () => {
		const first = runsToFollow([], [run('a', 'QUEUED'), run('b', 'RUNNING'), run('c', 'SUCCEEDED')]);
		expect(first).toEqual(['b', 'a']);
		expect(runsToFollow(first, [run('a', 'RUNNING'), run('b', 'SUCCEEDED')])).toBe(first);
		expect(runsToFollow(first, [run('a', 'RUNNING'), run('d', 'QUEUED')])).toEqual(['a', 'd', 'b']);
	});
	it('is bounded', () => {
		const many = Array.from({ length: 500 }, (_, index) => run(String(index), 'QUEUED'));
		expect(runsToFollow([], many)).toHaveLength(MAX_FOLLOWED);
	});
});

describe('curveMetric', () => {
	it.each([
		['test_accuracy', ['val_accuracy', 'test_accuracy'], 'val_accuracy'],
		['test_accuracy', [], 'val_accuracy'],
		['test_accuracy', ['test_accuracy'], 'test_accuracy'],
		['val_loss', ['val_loss'], 'val_loss'],
		['f1', ['loss'], 'loss'],
	])('%s among %j: %s', (deciding, keys, expected) => {
		expect(curveMetric(deciding, keys)).toBe(expected);
	});
});
