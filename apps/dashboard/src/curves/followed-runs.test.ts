import { describe, expect, it } from 'vitest';
import { curveMetric, MAX_FOLLOWED, runsToFollow } from './followed-runs';

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
