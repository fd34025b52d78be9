import { describe, expect, it } from 'vitest';
import { rankTrials, type TrialRun } from './rank-trials.js';

const run = (seed: number, learningRate: number, epochs: number, value: number | null): TrialRun => ({
	id: `run-${learningRate}-${epochs}-${seed}`,
	name: 'trial',
	status: value === null ? 'RUNNING' : 'SUCCEEDED',
	revision: 1,
	seed,
	strategyLabel: 'feature extraction',
	progress: null,
	failure: null,
	config: { epochs, strategy: { kind: 'FEATURE_EXTRACTION', learningRate } },
	summary: { value },
});
const paths = ['strategy.learningRate', 'epochs'];

describe('rankTrials', () => {
	const runs = [
		run(1, 0.1, 5, 0.6),
		run(2, 0.1, 5, 0.8),
		run(1, 0.01, 5, 0.9),
		run(1, 0.01, 9, null),
		run(2, 0.01, 5, null),
	];

	it('joins the seeds of the same values and puts the best mean first', () => {
		expect(rankTrials(runs, paths, 'MAXIMIZE')).toMatchObject([
			{ values: { 'strategy.learningRate': 0.01, epochs: 5 }, value: 0.9, runs: [{ value: 0.9 }, { value: null }] },
			{ values: { 'strategy.learningRate': 0.1, epochs: 5 }, value: 0.7 },
			{ values: { 'strategy.learningRate': 0.01, epochs: 9 }, value: null },
		]);
	});

	it('turns round for a metric that is to be small', () => {
		expect(rankTrials(runs, paths, 'MINIMIZE').map((trial) => trial.value)).toEqual([0.7, 0.9, null]);
	});
});
