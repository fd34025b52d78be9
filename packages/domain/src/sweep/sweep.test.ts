import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type JsonObject } from '../json/index.js';
import { applyOverrides, gridSize, nextTrials, parseSweepSpace, type SweepMethod, type SweepSpace } from './index.js';

function space(json: object, method: SweepMethod = 'RANDOM'): SweepSpace {
	const parsed = parseSweepSpace(json, method);
	if ('message' in parsed) throw new Error(parsed.message);
	return parsed;
}
const sweep = (json: object, given: { method?: SweepMethod; seed?: number; trials?: number } = {}) => {
	const { method = 'RANDOM', seed = 0, trials = 1000 } = given;
	return { method, seed, budget: { trials }, space: space(json, method) };
};
const RATES = { 'strategy.learningRate': { min: 1e-4, max: 1e-1, scale: 'log' } };

describe('parseSweepSpace', () => {
	it('reads values and ranges, in the order given', () => {
		expect(
			space({ 'strategy.unfreezeFrom': { values: ['block2', 'block3'] }, ...RATES, epochs: { min: 2, max: 9 } }),
		).toEqual({
			parameters: [
				{ path: 'strategy.unfreezeFrom', kind: 'values', values: ['block2', 'block3'] },
				{
					path: 'strategy.learningRate',
					kind: 'range',
					min: 1e-4,
					max: 1e-1,
					scale: 'log',
					integer: false,
					steps: null,
				},
				{ path: 'epochs', kind: 'range', min: 2, max: 9, scale: 'linear', integer: true, steps: null },
			],
		});
	});

	it.each([
		[[], 'space', 'is an object'],
		[{}, 'space', 'one field at least'],
		[{ 'strategy.lerningRate': { values: [1] } }, 'space.strategy.lerningRate', 'It can vary strategy.kind,'],
		[{ constructor: { values: [1] } }, 'space.constructor', 'cannot vary constructor'],
		[{ epochs: 3 }, 'space.epochs', 'either values or min and max'],
		[{ epochs: {} }, 'space.epochs', 'either values or min and max'],
		[{ epochs: { values: [1], min: 1 } }, 'space.epochs', 'either values or min and max'],
		[{ epochs: { values: [] } }, 'space.epochs.values', 'a list of one at least'],
		[{ epochs: { values: [1, 2, 1] } }, 'space.epochs.values', 'the value 1 twice'],
		[{ epochs: { values: [1], scale: 'log' } }, 'space.epochs.scale', 'does not take scale'],
		[{ epochs: { min: 1, max: 5, step: 2 } }, 'space.epochs.step', 'does not take step'],
		[{ epochs: { min: 5, max: 1 } }, 'space.epochs', 'min < max'],
		[{ epochs: { min: 1 } }, 'space.epochs', 'min < max'],
		[{ epochs: { min: 1, max: '5' } }, 'space.epochs', 'min < max'],
		[{ epochs: { min: 1.5, max: 5 } }, 'space.epochs', 'are whole too'],
		[{ epochs: { min: 1, max: 5, integer: false } }, 'space.epochs.integer', 'takes whole numbers'],
		[{ 'strategy.unfreezeFrom': { min: 1, max: 2 } }, 'space.strategy.unfreezeFrom', 'is no number'],
		[{ 'strategy.decay': { min: 0, max: 1, scale: 'log' } }, 'space.strategy.decay.min', 'above 0'],
		[{ 'strategy.decay': { min: 0, max: 1, scale: 'exp' } }, 'space.strategy.decay.scale', 'linear or log'],
		[{ 'strategy.decay': { min: 0.1, max: 1, steps: 1 } }, 'space.strategy.decay.steps', 'from 2 to 1000'],
	])('refuses %j', (json, field, message) => {
		const refused = parseSweepSpace(json, 'RANDOM');
		expect(refused).toMatchObject({ kind: 'InvalidInput', field });
		expect((refused as { message: string }).message).toContain(message);
	});

	it('refuses ranges without steps for a grid', () => {
		expect(parseSweepSpace(RATES, 'GRID', 'input.space')).toMatchObject({
			kind: 'InvalidInput',
			field: 'input.space.strategy.learningRate.steps',
		});
		expect(parseSweepSpace({ epochs: { min: 1, max: 9, steps: 3 } }, 'GRID')).toHaveProperty('parameters');
	});
});

describe('a grid', () => {
	it('varies the last field fastest and ends with its budget or its size', () => {
		const grid = sweep(
			{ 'strategy.unfreezeFrom': { values: ['a', 'b'] }, epochs: { values: [1, 2, 3] } },
			{ method: 'GRID' },
		);
		expect(gridSize(grid.space)).toBe(6);
		const trials = nextTrials(grid, 0, 100);
		expect(trials.map((trial) => Object.values(trial).join(''))).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
		expect(nextTrials(grid, 6, 1)).toEqual([]);
		expect(nextTrials(grid, 9, 1)).toEqual([]);
		expect(nextTrials({ ...grid, budget: { trials: 4 } }, 3, 5)).toHaveLength(1);
	});

	it('spaces a range evenly on its scale, both ends exact', () => {
		const values = (json: object) =>
			nextTrials(sweep(json, { method: 'GRID' }), 0, 99).map((trial) => Object.values(trial)[0]);
		const logarithmic = values({
			'strategy.learningRate': { min: 1e-4, max: 1e-1, scale: 'log', steps: 4 },
		}) as number[];
		[1e-4, 1e-3, 1e-2, 1e-1].forEach((wanted, i) => {
			expect(logarithmic[i]).toBeCloseTo(wanted, 12);
		});
		expect(logarithmic.at(-1)).toBe(0.1);
		expect(values({ epochs: { min: 1, max: 3, steps: 9 } })).toEqual([1, 2, 3]);
		expect(values({ 'head.dropout': { min: 0, max: 0.5, steps: 3 } })).toEqual([0, 0.25, 0.5]);
	});
});

describe('random search', () => {
	it('draws log ranges evenly in the logarithm, and whole numbers with both ends', () => {
		const trials = nextTrials(sweep({ ...RATES, epochs: { min: 1, max: 4 } }), 0, 900);
		const exponents = trials.map((trial) => Math.log10(trial['strategy.learningRate'] as number));
		for (const from of [-4, -3, -2]) {
			const share = exponents.filter((e) => e >= from && e < from + 1).length / exponents.length;
			// A third, with a standard deviation of .016.
			expect(Math.abs(share - 1 / 3)).toBeLessThan(0.08);
		}
		const epochs = trials.map((trial) => trial.epochs as number);
		for (const value of [1, 2, 3, 4]) {
			expect(Math.abs(epochs.filter((e) => e === value).length / 900 - 0.25)).toBeLessThan(0.075);
		}
		expect(new Set(epochs).size).toBe(4);
	});

	it('exhausts a small space without repeating a trial', () => {
		const small = sweep({ 'strategy.unfreezeFrom': { values: ['a', 'b', 'c'] }, epochs: { values: [1, 2, 3, 4] } });
		const trials = nextTrials(small, 0, 100);
		expect(trials).toHaveLength(12);
		expect(new Set(trials.map(canonicalJson)).size).toBe(12);
	});

	it('depends on the seed, and one field not on the others', () => {
		const of = (seed: number, extra: object = {}) =>
			nextTrials(sweep({ ...RATES, ...extra }, { seed }), 0, 5).map((trial) => trial['strategy.learningRate']);
		expect(of(1)).not.toEqual(of(2));
		expect(of(1)).toEqual(of(1));
		expect(of(1, { epochs: { min: 1, max: 1000 } })).toEqual(of(1));
	});
});

describe('an interrupted sweep', () => {
	const json = fc.record(
		{
			'strategy.unfreezeFrom': fc.constant({ values: ['a', 'b', 'c'] }),
			'strategy.learningRate': fc.constant({ min: 1e-4, max: 1, scale: 'log', steps: 4 }),
			epochs: fc.constant({ min: 1, max: 6, steps: 3 }),
			batchSize: fc.constant({ values: [16, 32] }),
		},
		{ requiredKeys: ['batchSize'] },
	);
	it('equals an uninterrupted one', () => {
		const method = fc.constantFrom<SweepMethod>('GRID', 'RANDOM');
		const pieces = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 12 });
		fc.assert(
			fc.property(json, method, fc.integer(), fc.nat(40), pieces, (given, how, seed, trials, sizes) => {
				const whole = sweep(given, { method: how, seed, trials });
				const wanted = sizes.reduce((sum, size) => sum + size, 0);
				const inPieces: object[] = [];
				for (const size of sizes) inPieces.push(...nextTrials(whole, inPieces.length, size));
				const atOnce = nextTrials(whole, 0, wanted);
				expect(inPieces).toEqual(atOnce);
				expect(atOnce.length).toBeLessThanOrEqual(trials);
				expect(new Set(atOnce.map(canonicalJson)).size).toBe(atOnce.length);
			}),
		);
	});
});

describe('applyOverrides', () => {
	const base: JsonObject = { strategy: { kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block2' }, epochs: 5, head: null };

	it('sets values in place and leaves the base alone', () => {
		const before = canonicalJson(base);
		const made = applyOverrides(base, { 'strategy.unfreezeFrom': 'block3', epochs: 9, 'head.dropout': 0.2 });
		expect(made).toEqual({
			strategy: { kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3' },
			epochs: 9,
			head: { dropout: 0.2 },
		});
		expect(canonicalJson(base)).toBe(before);
	});

	it('refuses unknown paths by name', () => {
		for (const path of ['strategy.depth', 'seeds', '__proto__.x', 'strategy.options.__proto__']) {
			expect(applyOverrides(base, { [path]: 1 })).toMatchObject({ kind: 'InvalidInput', field: path });
		}
		expect(applyOverrides(base, { 'strategy.options.alpha': 1 })).toMatchObject({
			strategy: { options: { alpha: 1 } },
		});
	});
});
