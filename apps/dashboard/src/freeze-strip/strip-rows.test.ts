import { describe, expect, it } from 'vitest';
import type { StripPlanFragment } from '../gql/graphql';
import { blockWeight, cacheLine, rateStrength, stripRows, stripSummary } from './strip-rows';

const frozen = {
	group: 'block1',
	trains: 'NONE',
	trainable: false,
	learningRate: null,
	freezesAt: null,
	batchNorm: 'FROZEN_STATISTICS',
	parameters: 23_500_000,
	trainableParameters: 0,
} as const;
const head = {
	group: 'head',
	trains: 'ALL',
	trainable: true,
	learningRate: 0.001,
	freezesAt: null,
	batchNorm: null,
	parameters: 100_000,
	trainableParameters: 100_000,
} as const;
const plan: StripPlanFragment = {
	startsFromPretrained: true,
	trainableParameters: 100_000,
	frozenParameters: 23_500_000,
	stepCost: 1,
	cachedStepCost: null,
	cacheReason: 'block1, at the input, learns.',
	phases: [
		{ index: 0, epochs: 1, trainableParameters: 100_000, groups: [frozen, head] },
		{
			index: 1,
			epochs: 4,
			trainableParameters: 100_000,
			groups: [{ ...frozen, trains: 'ALL', trainable: true, learningRate: 0.0001 }, head],
		},
	],
};

describe('stripRows', () => {
	it('has one row a phase and one block a group, from input to head', () => {
		const rows = stripRows(plan, [], null);
		expect(rows.map((row) => row.label)).toEqual(['1 epoch', '4 epochs']);
		expect(rows.map((row) => row.blocks.map((block) => [block.group, block.trainable]))).toEqual([
			[
				['block1', false],
				['head', true],
			],
			[
				['block1', true],
				['head', true],
			],
		]);
		expect(rows[0]?.blocks[0]?.moved).toBeNull();
	});

	it('leaves out a head without numbers of its own', () => {
		const tied = { ...head, parameters: 0, trainable: false, learningRate: null };
		const phases = [{ index: 0, epochs: 1, trainableParameters: 0, groups: [frozen, tied] }];
		expect(stripRows({ ...plan, phases }, [], null)[0]?.blocks.map(({ group }) => group)).toEqual(['block1']);
	});

	it('shows how far the weights moved in the last row, and a breach everywhere', () => {
		const rows = stripRows(plan, [], {
			ok: false,
			groups: [
				{ group: 'block1', planned: 'frozen', changed: true, maxAbsDelta: 0.01, batchNormMoved: false },
				{ group: 'head', planned: 'ALL', changed: true, maxAbsDelta: 0.04, batchNormMoved: false },
			],
		});
		expect(rows[1]?.blocks.map((block) => block.moved)).toEqual([0.25, 1]);
		expect(rows[0]?.blocks.map((block) => block.moved)).toEqual([null, null]);
		expect(rows[0]?.blocks[0]?.violated).toBe(true);
		expect(rows[1]?.blocks[1]?.detail).toContain('weights moved by up to 0.0400');
	});
});

describe('strip numbers', () => {
	it('widths are logarithmic with a floor', () => {
		expect(blockWeight(0)).toBe(1);
		expect(blockWeight(999_999)).toBeCloseTo(6, 6);
	});

	it('strength falls with the rate, and stays visible', () => {
		expect(rateStrength(0.001, 0.001)).toBe(1);
		expect(rateStrength(0.0001, 0.001)).toBeCloseTo(0.65, 6);
		expect(rateStrength(1e-9, 0.001)).toBe(0.35);
		expect(rateStrength(null, 0.001)).toBe(1);
	});

	it('says what is frozen', () => {
		expect(stripSummary(plan).replaceAll('\u202f', ' ')).toBe('Frozen: 23.5 M of 23.6 M parameters');
		expect(stripSummary({ ...plan, startsFromPretrained: false })).toContain('From scratch');
	});
});

describe('cacheLine', () => {
	it.each([
		[{ cachedStepCost: null }, 'Features are not cached · block1, at the input, learns.'],
		[{ cachedStepCost: null, cacheReason: null }, 'Features are not cached'],
		[{ stepCost: 200, cachedStepCost: 5, cacheReason: null }, 'Features are cached: training takes 2.5 % of the work'],
		[
			{ stepCost: 200, cachedStepCost: 100, cacheReason: 'Not in phase 2: block1, at the input, learns.' },
			'Features are cached: training takes 50 % of the work · Not in phase 2: block1, at the input, learns.',
		],
	])('%j', (change, line) => {
		expect(cacheLine({ ...plan, ...change }).replace('\u202f', ' ')).toBe(line);
	});
});
