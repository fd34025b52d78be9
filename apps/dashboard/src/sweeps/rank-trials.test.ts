import { describe, expect, it } from 'vitest';
import { rankTrials, spacePaths } from './rank-trials';

type TrialRun = Parameters<typeof rankTrials>[0][number];
const run = (id: string, unfreezeFrom: string, batchSize: number, value: number | null): TrialRun => ({
	id,
	name: id,
	status: value === null ? 'RUNNING' : 'SUCCEEDED',
	seed: 0,
	config: { batchSize },
	strategy: { unfreezeFrom },
	strategyLabel: null,
	freezePlan: null,
	summary: value === null ? null : { value, step: 1 },
});

describe('rankTrials', () => {
	const paths = ['strategy.unfreezeFrom', 'batchSize'];
	const runs = [
		run('a', 'block2', 16, 0.8),
		run('b', 'block3', 16, null),
		run('c', 'block2', 16, 0.9),
		run('d', 'block4', 32, 0.7),
	];

	it('makes one trial of the seeds of equal values, best first, unfinished last', () => {
		expect(rankTrials(runs, paths, 'MAXIMIZE').map(({ values, n, runs: of }) => [...values, n, of.length])).toEqual([
			['block2', '16', 2, 2],
			['block4', '32', 1, 1],
			['block3', '16', 0, 1],
		]);
		expect(rankTrials(runs, paths, 'MAXIMIZE')[0]?.mean).toBeCloseTo(0.85, 12);
		expect(rankTrials(runs, paths, 'MINIMIZE')[0]?.values[0]).toBe('block4');
	});
});

describe('spacePaths', () => {
	it('reads both forms', () => {
		expect(spacePaths({ 'strategy.learningRate': { min: 1, max: 2 }, batchSize: { values: [1] } })).toEqual([
			'strategy.learningRate',
			'batchSize',
		]);
		expect(spacePaths({ parameters: [{ path: 'batchSize', kind: 'values' }] })).toEqual(['batchSize']);
		expect(spacePaths(null)).toEqual([]);
	});
});
