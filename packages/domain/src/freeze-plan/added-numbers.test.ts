import { describe, expect, it } from 'vitest';
import facts from '../../vectors/strategies.json' with { type: 'json' };
import {
	findArchitecture,
	type LayerSummary,
	type NetworkSummary,
	summarizeBackbone,
	summarizeHead,
} from '../architecture/index.js';
import { parseStrategy, type Strategy, type StrategyInput } from '../strategy/index.js';
import { adapterScale, adapterWeights, annealedTo, planFreeze } from './index.js';

const known = facts as {
	readonly freezeOut: {
		readonly t0: number;
		readonly rate: number;
		readonly groups: readonly { readonly end: number; readonly rate: number }[];
		readonly firstGroupRates: Readonly<Record<string, number>>;
	};
	readonly lowRankBertQueryValue: Readonly<Record<string, number>>;
};
const architecture = findArchitecture('small-cnn');
if (architecture === null) throw new Error('no small-cnn');
const { network, layerGroups } = summarizeBackbone(architecture, [8, 8, 1]);
const head = summarizeHead({ pooling: 'average', hidden: [], dropout: 0 }, network.outputShape, 4).group;

function parsed(input: StrategyInput, groups = layerGroups): Strategy {
	const strategy = parseStrategy(input, groups, 'strategy');
	if ('message' in strategy) throw new Error(strategy.message);
	return strategy;
}
const plan = (input: StrategyInput, layers: NetworkSummary['layers'] | undefined = network.layers) =>
	planFreeze({ strategy: parsed(input), layerGroups, head, epochs: 10, layers });

describe('LORA', () => {
	it('adds as many numbers as PEFT does to the queries and values of BERT-base', () => {
		const dense = (name: string): LayerSummary => ({
			group: 'encoder',
			layer: { kind: 'dense', name, units: 768 },
			inputs: ['input'],
			inputShape: [128, 768],
			outputShape: [128, 768],
			weights: [{ name: `${name}/kernel`, role: 'kernel', shape: [768, 768], fanIn: 768, fanOut: 768 }],
			macs: 128 * 768 * 768,
		});
		const layers = [...Array(12).keys()].flatMap((block) =>
			['query', 'key', 'value', 'output'].map((part) => dense(`layer${block}_${part}`)),
		);
		const group = { ...(layerGroups[0] as (typeof layerGroups)[0]), layers: layers.map(({ layer }) => layer.name) };
		for (const [rank, count] of Object.entries(known.lowRankBertQueryValue)) {
			const options = { targets: ['query', 'value'] };
			const strategy = parsed({ kind: 'LORA', rank: Number(rank), options }, [group]);
			const numbers = layers
				.flatMap((layer) => adapterWeights(layer, strategy))
				.reduce((sum, { shape }) => sum + (shape[0] ?? 0) * (shape[1] ?? 0), 0);
			expect(numbers).toBe(count);
		}
	});

	it('takes a convolution as the matrix of its windows, and counts what it adds', () => {
		const made = plan({ kind: 'LORA', rank: 4 });
		// Rows are 3 x 3 windows, columns the filters: 9 + 32, 288 + 32, 288 + 64, 576 + 64.
		const added = [41, 320, 352, 640].map((sides) => 4 * sides);
		const [phase] = made.phases;
		expect(phase?.groups.map((one) => one.trains)).toEqual(['LORA', 'LORA', 'LORA', 'LORA', 'ALL']);
		expect(phase?.groups.map((one) => one.trainableParameters)).toEqual([...added, head.trainableCount]);
		layerGroups.forEach((group, index) => {
			expect(phase?.groups[index]?.parameters).toBe(group.parameterCount + (added[index] ?? 0));
		});
		const before = layerGroups.reduce((sum, group) => sum + group.parameterCount, 0);
		expect(made.frozenParameters).toBe(before);
		expect(made.trainableParameters).toBe(added.reduce((sum, one) => sum + one, head.trainableCount));
	});

	it('costs two forward passes, and three through its updates', () => {
		const forward = layerGroups.reduce((sum, group) => sum + group.macs, head.macs);
		// Positions: 8 x 8 twice, and 4 x 4 after the pooling of block 2.
		const updates = 4 * (64 * 41 + 64 * 320 + 16 * 352 + 16 * 640);
		expect(plan({ kind: 'LORA', rank: 4 }).stepCost).toBe(2 * forward + 3 * updates + head.macs);
	});

	it('adapts the named layers alone, and cannot be planned without layers', () => {
		const made = plan({ kind: 'LORA', options: { targets: ['block4_conv'] } });
		expect(made.phases[0]?.groups.map((one) => one.trains)).toEqual(['NONE', 'NONE', 'NONE', 'LORA', 'ALL']);
		expect(made.cachedStepCost).not.toBeNull();
		const request = { strategy: parsed({ kind: 'LORA' }), layerGroups, head, epochs: 1 };
		expect(() => planFreeze(request)).toThrow('without the layers');
	});

	it('scales by alpha / rank, rank-stabilised by alpha / sqrt(rank)', () => {
		expect(adapterScale(parsed({ kind: 'LORA', rank: 16, alpha: 8 }))).toBe(0.5);
		expect(adapterScale(parsed({ kind: 'LORA', rank: 16, alpha: 8, options: { rankStabilized: true } }))).toBe(2);
	});
});

describe('FREEZE_OUT', () => {
	const five = [...Array(5).keys()].map((index) => ({
		...(layerGroups[0] as (typeof layerGroups)[0]),
		name: `g${index}`,
		index,
		macs: 1000,
	}));
	const of = (options: NonNullable<StrategyInput['options']>) => {
		const input = { kind: 'FREEZE_OUT', options, learningRate: known.freezeOut.rate } as const;
		const request = { strategy: parsed(input, five), layerGroups: five, head: { ...head, macs: 0 }, epochs: 4 };
		return planFreeze(request);
	};

	it('ends and rates agree with the reference; the head learns to the end', () => {
		const [phase] = of({ t0: known.freezeOut.t0 }).phases;
		known.freezeOut.groups.forEach(({ end, rate }, index) => {
			expect(phase?.groups[index]?.freezesAt).toBeCloseTo(end, 12);
			expect(phase?.groups[index]?.learningRate).toBeCloseTo(rate, 12);
		});
		expect(phase?.groups.at(-1)).toMatchObject({ group: 'head', freezesAt: 1, learningRate: known.freezeOut.rate });
	});

	it('anneals a group to its own end', () => {
		const { end, rate } = known.freezeOut.groups[0] ?? { end: 0, rate: 0 };
		for (const [done, wanted] of Object.entries(known.freezeOut.firstGroupRates)) {
			expect(rate * annealedTo(end, Number(done))).toBeCloseTo(wanted, 12);
		}
	});

	it('knows the other schedules, and unscaled rates', () => {
		const ends = (schedule: string) => of({ t0: 0.5, schedule, scaled: false }).phases[0]?.groups ?? [];
		expect(ends('linear')[1]?.freezesAt).toBeCloseTo(0.6, 12);
		expect(ends('squared')[1]?.freezesAt).toBeCloseTo(0.36, 12);
		expect(ends('cubic').map((group) => group.learningRate)).toEqual(Array(6).fill(0.1));
	});

	it('costs less the earlier groups freeze: the mean over the steps', () => {
		// Linear from .5: groups of 1000 freeze at .5, .6, .7, .8, .9 of the run.
		let cost = 0.5 * 15_000;
		[4000, 3000, 2000, 1000].forEach((learning) => {
			cost += 0.1 * (5000 + 2 * learning);
		});
		cost += 0.1 * 5000;
		expect(of({ t0: 0.5, schedule: 'linear' }).stepCost).toBeCloseTo(cost, 6);
	});
});

describe('the target', () => {
	it('doubles a step where each step sees it', () => {
		const full = plan({ kind: 'FULL_FINE_TUNE' });
		for (const kind of ['DEEP_CORAL', 'MMD', 'DANN'] as const) {
			const made = plan({ kind });
			expect(made.phases[0]?.groups).toEqual(full.phases[0]?.groups);
			expect(made.stepCost).toBe(2 * full.stepCost);
		}
	});

	it('gives ADABN its statistics, and the head alone learns', () => {
		const [phase] = plan({ kind: 'ADABN' }).phases;
		expect(phase?.groups.map((one) => one.trains)).toEqual(['NONE', 'NONE', 'NONE', 'NONE', 'ALL']);
		expect(phase?.groups.map((one) => one.batchNorm)).toEqual([...Array(4).fill('TARGET_STATISTICS'), null]);
	});
});
