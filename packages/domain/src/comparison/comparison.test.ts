import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import facts from '../../vectors/statistics.json' with { type: 'json' };
import type { JsonObject } from '../json/index.js';
import { PLAIN_TRAINING } from '../recipe/index.js';
import type { Strategy } from '../strategy/index.js';
import { type Comparison, type ComparisonRun, compareRuns } from './index.js';

interface Facts {
	readonly fivePairedSeeds: {
		readonly a: number[];
		readonly b: number[];
		readonly pairedT: { p_two: number; ci95: [number, number] };
		readonly welchT: { p_two: number; ci95: [number, number] };
	};
}
const known = (facts as Facts).fivePairedSeeds;

const strategy = (kind: Strategy['kind'], given: Partial<Strategy> = {}): Strategy => ({
	kind,
	unfreezeFrom: null,
	batchNorm: 'FROZEN_STATISTICS',
	learningRate: 1e-3,
	backboneLearningRate: 1e-3,
	decay: null,
	epochsPerStage: null,
	options: {},
	...given,
});
const FULL = strategy('FULL_FINE_TUNE');
const FEATURES = strategy('FEATURE_EXTRACTION');
const SCRATCH = strategy('FROM_SCRATCH');
const PARTIAL = strategy('PARTIAL_FINE_TUNE', { unfreezeFrom: 'block2' });

/** Runs with seeds 0, 1, 2 … */
function runs(
	of: Strategy | null,
	values: readonly (number | null)[],
	given: Partial<ComparisonRun> = {},
): ComparisonRun[] {
	return values.map((value, seed) => ({
		runId: `${of?.kind}-${seed}`,
		backboneId: 'backbone',
		datasetId: 'data',
		strategy: of,
		seed,
		value,
		trainableParameters: 100,
		seconds: 1,
		compute: 1000,
		...given,
	}));
}
const accuracy = (all: readonly ComparisonRun[], options = {}) =>
	compareRuns(all, 'test_accuracy', 'MAXIMIZE', options);
const reason = (comparison: Comparison) => comparison.recommendation?.reason;
const shifted = (values: readonly number[], by: number) => values.map((value) => value + by);

describe('groups', () => {
	it('is empty without runs, and without runs that have a value', () => {
		const empty = { metric: 'test_accuracy', direction: 'MAXIMIZE', groups: [], verdicts: [], paretoFront: [] };
		expect(accuracy([])).toEqual({ ...empty, recommendation: null });
		expect(accuracy(runs(FULL, [null, Number.NaN, Number.POSITIVE_INFINITY]))).toMatchObject(empty);
	});

	it('describes a group by its seeds', () => {
		const [group] = accuracy(runs(FULL, [0.912, 0.905, null, 0.921, 0.898, 0.917])).groups;
		expect(group).toMatchObject({ label: 'full fine-tuning', n: 5, seeds: [0, 1, 3, 4, 5], values: known.a });
		expect(group?.mean).toBeCloseTo(0.9106, 12);
		expect(group?.sd).toBeCloseTo(0.009235799911215063, 14);
		expect([group?.trainableParameters, group?.secondsPerRun, group?.computePerRun]).toEqual([100, 1, 1000]);
	});

	it('counts a repeated seed once, and values without a seed one by one', () => {
		const repeated = [...runs(FULL, [0.8, 0.9]), ...runs(FULL, [0.9])];
		expect(accuracy(repeated).groups[0]).toMatchObject({ n: 2, seeds: [0, 1] });
		expect(accuracy(repeated).groups[0]?.values.map((value) => value.toFixed(3))).toEqual(['0.850', '0.900']);
		const unseeded = runs(null, [0.5, 0.6], { seed: null });
		expect(accuracy(unseeded).groups[0]).toMatchObject({ n: 2, seeds: [], values: [0.5, 0.6], label: 'no strategy' });
	});

	it('says of two recipes what differs, defaults included', () => {
		const training = { ...PLAIN_TRAINING, mixup: 0.2 } as unknown as JsonObject;
		const all = [...runs(FULL, [0.9], { conditions: { training } }), ...runs(FULL, [0.8])];
		expect(accuracy(all).groups.map(({ label }) => label)).toEqual([
			'full fine-tuning (mixup 0.2)',
			'full fine-tuning (mixup none)',
		]);
	});

	it('keeps conditions apart, and says in the label what differs', () => {
		const labels = (all: ComparisonRun[]) => accuracy(all).groups.map(({ label }) => label);
		expect(
			labels([
				...runs(FULL, [0.9], { conditions: { epochs: 10, batchSize: 32 } }),
				...runs(FULL, [0.8], { conditions: { epochs: 5, batchSize: 32 } }),
				...runs(SCRATCH, [0.7]),
			]),
		).toEqual(['full fine-tuning (epochs 10)', 'full fine-tuning (epochs 5)', 'from scratch']);
		expect(labels([...runs(FULL, [0.9]), ...runs({ ...FULL, learningRate: 0.01 }, [0.8])])).toEqual([
			'full fine-tuning (rate 0.001)',
			'full fine-tuning (rate 0.01)',
		]);
		expect(
			labels([
				...runs(FULL, [0.9], { backboneName: 'a' }),
				...runs(FULL, [0.8], { backboneId: 'b', backboneName: 'b' }),
			]),
		).toEqual(['full fine-tuning (backbone a)', 'full fine-tuning (backbone b)']);
	});

	it('puts the best mean first by direction, and the cheaper one of equals', () => {
		const all = [...runs(FULL, [0.4, 0.5]), ...runs(SCRATCH, [0.9, 0.8])];
		expect(accuracy(all).groups.map(({ label }) => label)).toEqual(['from scratch', 'full fine-tuning']);
		expect(compareRuns(all, 'loss', 'MINIMIZE').groups[0]?.label).toBe('full fine-tuning');
		const tied = [...runs(FULL, [0.5], { compute: 9 }), ...runs(FEATURES, [0.5], { compute: 3 })];
		expect(accuracy(tied).groups[0]?.label).toBe('feature extraction');
	});
});

describe('verdicts', () => {
	it('pairs by seed, with the paired t test for five of them', () => {
		const { verdicts, groups } = accuracy([...runs(FULL, known.a), ...runs(FEATURES, known.b)]);
		expect(verdicts).toHaveLength(1);
		const [verdict] = verdicts;
		expect(verdict).toMatchObject({ a: groups[0]?.id, b: groups[1]?.id, test: 'paired t', pairedBy: 'seed' });
		expect(verdict?.difference).toBeCloseTo(0.0092, 12);
		expect(verdict?.pValue).toBeCloseTo(known.pairedT.p_two, 12);
		expect(verdict?.ciLow).toBeCloseTo(known.pairedT.ci95[0], 12);
		expect(verdict?.ciHigh).toBeCloseTo(known.pairedT.ci95[1], 12);
		// p = .0536: just not enough, and the effect of 1.21 standard deviations needs 8 pairs.
		expect(verdict).toMatchObject({ kind: 'INCONCLUSIVE', moreSeedsNeeded: 3 });
		expect(verdict?.note).toBe('Paired over 5 seeds; too few seeds for a distribution-free claim.');
	});

	it('uses Welch where the seeds are others', () => {
		const others = runs(FEATURES, known.b).map((run) => ({ ...run, seed: (run.seed ?? 0) + 100 }));
		const [verdict] = accuracy([...runs(FULL, known.a), ...others]).verdicts;
		expect(verdict).toMatchObject({ test: 'Welch t', pairedBy: 'nothing', kind: 'INCONCLUSIVE' });
		expect(verdict?.pValue).toBeCloseTo(known.welchT.p_two, 12);
		expect(verdict?.ciHigh).toBeCloseTo(known.welchT.ci95[1], 12);
		expect(verdict?.note).toContain('other seeds (5 and 5 values)');
	});

	it('uses the exact sign-flip test from where it can decide: 6 seeds for one verdict, 8 for four', () => {
		const noise = [0.001, -0.002, 0.003, 0.0005, -0.001, 0.002, 0.0015, -0.0005];
		const test = (seeds: number, rivals: number) => {
			const values = noise.slice(0, seeds).map((x) => 0.9 + x);
			const kinds = [FEATURES, SCRATCH, PARTIAL, strategy('LP_FT')].slice(0, rivals);
			const others = kinds.flatMap((kind, i) =>
				runs(
					kind,
					values.map((value, seed) => value - 0.05 - seed / 1000 - i / 100),
				),
			);
			return accuracy([...runs(FULL, values), ...others]).verdicts;
		};
		expect(test(5, 1)[0]).toMatchObject({ test: 'paired t', kind: 'BETTER' });
		expect(test(6, 1)[0]).toMatchObject({ test: 'exact sign-flip', kind: 'BETTER', pValue: 0.03125 });
		// Holm over four: .03125 would become .125, whatever the difference.
		expect(test(6, 4).map(({ test: name }) => name)).toEqual(Array(4).fill('paired t'));
		expect(test(6, 4).map(({ kind }) => kind)).toEqual(Array(4).fill('BETTER'));
		expect(test(8, 4).map(({ test: name, pValue }) => [name, pValue])).toEqual(
			Array(4).fill(['exact sign-flip', 0.03125]),
		);
	});

	it('adjusts by Holm over all verdicts', () => {
		const b = shifted(known.b, -0.001);
		const single = accuracy([...runs(FULL, known.a), ...runs(FEATURES, b)]).verdicts[0];
		const double = accuracy([...runs(FULL, known.a), ...runs(FEATURES, b), ...runs(SCRATCH, shifted(known.a, -0.5))]);
		const wanted = accuracy([...runs(FULL, known.a), ...runs(FEATURES, b)]).groups[1]?.id;
		// The other p is 0, so that this one is the last step of Holm: times one.
		expect(double.verdicts.find((verdict) => verdict.b === wanted)?.pValue).toBeCloseTo(single?.pValue ?? 0, 12);
		const both = accuracy([...runs(FULL, known.a), ...runs(FEATURES, b), ...runs(SCRATCH, b)]).verdicts;
		expect(both[0]?.pValue).toBeCloseTo(2 * (single?.pValue ?? 0), 12);
	});

	it('calls equivalent what lies within the margin for sure', () => {
		const values = [0.9, 0.91, 0.92, 0.93, 0.94];
		const close = [0.901, 0.909, 0.9205, 0.9295, 0.94];
		const [verdict] = accuracy([...runs(FULL, values), ...runs(FEATURES, close)]).verdicts;
		expect(verdict).toMatchObject({ kind: 'EQUIVALENT', moreSeedsNeeded: null });
		const strict = accuracy([...runs(FULL, values), ...runs(FEATURES, close)], { equivalenceMargin: 0.0001 });
		expect(strict.verdicts[0]?.kind).toBe('INCONCLUSIVE');
	});

	it('turns with the direction: less is better for a loss', () => {
		const { groups, verdicts } = compareRuns(
			[...runs(FULL, [0.2, 0.21, 0.22, 0.23]), ...runs(SCRATCH, [0.5, 0.52, 0.51, 0.54])],
			'test_loss',
			'MINIMIZE',
		);
		expect(groups[0]?.label).toBe('full fine-tuning');
		expect(verdicts[0]).toMatchObject({ kind: 'BETTER', a: groups[0]?.id });
		expect(verdicts[0]?.difference).toBeLessThan(0);
		expect(verdicts[0]?.ciHigh).toBeLessThan(0);
	});

	it('goes by half a percent of the best where a metric has no upper bound', () => {
		const prices = [24_000, 24_100, 23_900, 24_050, 23_950];
		const close = prices.map((price, index) => price + (index % 2 === 0 ? 10 : -5));
		const judged = (metric: string) =>
			compareRuns([...runs(FULL, prices), ...runs(FEATURES, close)], metric, 'MINIMIZE').verdicts[0]?.kind;
		expect(judged('test_mae')).toBe('EQUIVALENT');
		expect(judged('price')).toBe('INCONCLUSIVE');
	});

	it('claims nothing from one or two seeds', () => {
		const one = accuracy([...runs(FULL, [0.9]), ...runs(SCRATCH, [0.1])]).verdicts[0];
		expect(one).toMatchObject({ kind: 'INCONCLUSIVE', ciLow: null, ciHigh: null, pValue: null, moreSeedsNeeded: 2 });
		expect(one).toMatchObject({ test: 'none', note: '1 seed: too few for any claim, 3 are the least.' });
		const two = accuracy([...runs(FULL, [0.9, 0.91]), ...runs(SCRATCH, [0.1, 0.11])]).verdicts[0];
		expect(two).toMatchObject({ kind: 'INCONCLUSIVE', pValue: null, moreSeedsNeeded: 1 });
		expect(two?.ciLow).not.toBeNull();
	});

	it('handles values that are all equal', () => {
		const same = accuracy([...runs(FULL, [0.5, 0.5, 0.5]), ...runs(FEATURES, [0.5, 0.5, 0.5])]).verdicts[0];
		expect(same).toMatchObject({ kind: 'EQUIVALENT', difference: 0, ciLow: 0, ciHigh: 0, pValue: 1 });
		const apart = accuracy([...runs(FULL, [1, 1, 1]), ...runs(FEATURES, [0.5, 0.5, 0.5])]).verdicts[0];
		expect(apart).toMatchObject({ kind: 'BETTER', difference: 0.5, pValue: 0 });
	});

	it('pairs over the common seeds and says how many have no partner', () => {
		const [verdict] = accuracy([
			...runs(FULL, [0.9, 0.92, 0.91, 0.93, 0.95]),
			...runs(FEATURES, [0.7, 0.71, 0.72]),
		]).verdicts;
		expect(verdict).toMatchObject({ kind: 'BETTER', pairedBy: 'seed' });
		expect(verdict?.difference).toBeCloseTo(0.2, 12);
		expect(verdict?.note).toContain('Paired over 3 seeds (2 more without a partner)');
	});

	it('does not set groups on different data against each other', () => {
		const { verdicts, groups, recommendation } = accuracy([
			...runs(FULL, [0.9, 0.91, 0.92], { datasetName: 'digits' }),
			...runs(SCRATCH, [0.8, 0.81, 0.83], { datasetName: 'digits' }),
			...runs(FULL, [0.4, 0.41, 0.42], { datasetId: 'other', datasetName: 'letters' }),
		]);
		expect(groups).toHaveLength(3);
		expect(verdicts).toHaveLength(1);
		expect(recommendation?.reason).toMatch(/^On digits: Full fine-tuning .* On letters: Full fine-tuning /);
	});
});

describe('the recommendation', () => {
	const good = [0.946, 0.934, 0.958, 0.94, 0.952];

	it('says in one sentence what is better, by how much and how surely', () => {
		const all = [...runs(PARTIAL, good), ...runs(FEATURES, [0.832, 0.83, 0.841, 0.827, 0.85])];
		expect(reason(accuracy(all))).toBe(
			'Fine-tune from block2: 0.946 ± 0.012 test_accuracy over 5 seeds; better than feature extraction by 0.110 (95 % interval 0.102 to 0.118).',
		);
	});

	it('names the closest of several', () => {
		const all = [
			...runs(PARTIAL, good),
			...runs(
				FEATURES,
				shifted(good, -0.2).map((x, i) => x + i / 1000),
			),
			...runs(
				SCRATCH,
				shifted(good, -0.1).map((x, i) => x - i / 1000),
			),
		];
		expect(reason(accuracy(all))).toBe(
			'Fine-tune from block2: 0.946 ± 0.012 test_accuracy over 5 seeds; better than from scratch and feature extraction, by 0.102 at the least (95 % interval 0.100 to 0.104).',
		);
	});

	it('prefers the cheaper one of those that are as good', () => {
		const all = [
			...runs(FULL, good, { compute: 3000 }),
			...runs(PARTIAL, [0.9455, 0.934, 0.9575, 0.9405, 0.9515], { compute: 2000 }),
			...runs(SCRATCH, shifted(good, -0.1), { compute: 3000 }),
		];
		const comparison = accuracy(all);
		const chosen = comparison.groups.find(({ id }) => id === comparison.recommendation?.group);
		expect(chosen?.label).toBe('fine-tune from block2');
		expect(reason(comparison)).toContain(
			'as good as full fine-tuning within 0.005 and cheaper; full fine-tuning is better than from scratch by 0.1',
		);
	});

	it('admits what it cannot tell, and how many seeds may', () => {
		const text = reason(accuracy([...runs(FULL, known.a), ...runs(FEATURES, known.b)]));
		expect(text).toBe(
			'Full fine-tuning: 0.911 ± 0.011 test_accuracy over 5 seeds; not yet told apart from feature extraction (0.901 ± 0.003): about 3 more seeds each may tell.',
		);
	});

	it('names three of many, and stays quick with hundreds of groups', () => {
		const sweep = Array.from({ length: 200 }, (_, i) =>
			runs(
				{ ...FULL, learningRate: 1e-3 * (i + 1) },
				shifted(good, -i * 1e-7).map((x, seed) => x + Math.sin(seed * i) / 100),
			),
		).flat();
		const comparison = accuracy(sweep);
		expect(comparison.verdicts).toHaveLength(199);
		expect(reason(comparison)).toMatch(/, full fine-tuning \(rate [^;]* and \d+ others: about \d+ to \d+ more seeds/);
		expect(reason(comparison)?.length).toBeLessThan(500);
	});

	it('is modest with one group or one seed', () => {
		expect(reason(accuracy(runs(FULL, known.a)))).toBe(
			'Full fine-tuning: 0.911 ± 0.011 test_accuracy over 5 seeds; there is nothing yet to compare it with.',
		);
		expect(reason(accuracy([...runs(FULL, [0.9]), ...runs(FEATURES, [0.8])]))).toBe(
			'Full fine-tuning: 0.900 test_accuracy over 1 seed; not yet told apart from feature extraction (0.800): about 2 more seeds each may tell.',
		);
	});

	it('speaks of gains as positive where less is better', () => {
		const all = [...runs(FULL, [20, 21, 22.5, 24]), ...runs(FEATURES, [50, 52, 51, 54])];
		expect(reason(compareRuns(all, 'perplexity', 'MINIMIZE'))).toMatch(
			/better than feature extraction by 29\.9 \(95 % interval 2\d\.\d to 3\d\.\d\)/,
		);
	});
});

describe('the Pareto front', () => {
	const front = (all: readonly ComparisonRun[]) => {
		const comparison = accuracy(all);
		return comparison.paretoFront.map((id) => comparison.groups.find((group) => group.id === id)?.label);
	};
	it('keeps who is beaten in mean or cost only', () => {
		expect(
			front([
				...runs(FULL, [0.95], { compute: 30 }),
				...runs(PARTIAL, [0.94], { compute: 20 }),
				...runs(SCRATCH, [0.9], { compute: 30 }),
				...runs(FEATURES, [0.8], { compute: 5 }),
			]),
		).toEqual(['full fine-tuning', 'fine-tune from block2', 'feature extraction']);
	});
	it('has one on each data set', () => {
		const all = [...runs(FULL, [0.95], { compute: 1 }), ...runs(FULL, [0.5], { compute: 9, datasetId: 'harder' })];
		expect(front(all)).toHaveLength(2);
	});
	it('goes by seconds where compute is unknown, and by the mean alone without any cost', () => {
		const none = { compute: null, trainableParameters: null };
		expect(front([...runs(FULL, [0.95], { ...none, seconds: 9 }), ...runs(SCRATCH, [0.9], { seconds: 3 })])).toEqual([
			'full fine-tuning',
			'from scratch',
		]);
		expect(
			front([...runs(FULL, [0.95], { ...none, seconds: null }), ...runs(SCRATCH, [0.9], { ...none, seconds: null })]),
		).toEqual(['full fine-tuning']);
	});
});

/** JSON has no NaN and no infinity, and a page that is given one breaks. */
const numbersIn = (value: unknown): number[] =>
	typeof value === 'number'
		? [value]
		: Object.values(value ?? {}).flatMap((one) => (one === value ? [] : numbersIn(one)));

describe('any comparison', () => {
	const run = fc.record({
		strategy: fc.constantFrom(FULL, FEATURES, SCRATCH, PARTIAL, null),
		seed: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(null)),
		value: fc.oneof(
			{ weight: 6, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
			{ weight: 3, arbitrary: fc.constantFrom(null, Number.NaN, 0.5) },
			{ weight: 1, arbitrary: fc.double({ noDefaultInfinity: true }) },
		),
		compute: fc.oneof(fc.nat(1000), fc.constant(null)),
		datasetId: fc.constantFrom('one', 'two'),
	});
	const direction = fc.constantFrom('MAXIMIZE' as const, 'MINIMIZE' as const);

	it('knows its way with values whose sums, squares and differences are beyond every double', () => {
		const huge = [1.7e308, 1.7e308, -1.7e308];
		const all = [...runs(FULL, huge), ...runs(SCRATCH, [1.7e308, 1.6e308, 1.65e308]), ...runs(FEATURES, [1, 2, 3])];
		const comparison = accuracy(all);
		const [best, other] = comparison.groups;
		expect([best?.mean, other?.mean].map((one) => (one ?? 0) / 1e308)).toEqual([
			expect.closeTo(1.65),
			expect.closeTo(1.7 / 3),
		]);
		expect((best?.sd ?? 0) / 1e306).toBeCloseTo(5, 10);
		expect([other?.sd, other?.ciLow]).toEqual([null, null]);
		expect(comparison.verdicts[0]).toMatchObject({ kind: 'INCONCLUSIVE', pValue: null, moreSeedsNeeded: null });
		expect(comparison.verdicts[0]?.note).toBe('The values are too large to be set against each other.');
		expect(numbersIn(comparison).filter((one) => !Number.isFinite(one))).toEqual([]);
	});

	it('is the same in any order of the runs, finite, and never against itself', () => {
		fc.assert(
			fc.property(fc.array(run, { maxLength: 40 }), direction, (given, way) => {
				const all = given.flatMap((one) => runs(one.strategy, [one.value], one));
				const comparison = compareRuns(all, 'm', way);
				const ids = comparison.groups.map(({ id }) => id);
				expect(new Set(ids).size).toBe(ids.length);
				expect(new Set(comparison.groups.map(({ label }) => label)).size).toBe(ids.length);
				expect(comparison.recommendation === null).toBe(ids.length === 0);
				if (ids.length > 0) expect(ids).toContain(comparison.recommendation?.group);
				expect(comparison.paretoFront.length > 0).toBe(ids.length > 0);
				for (const verdict of comparison.verdicts) {
					expect(verdict.a).not.toBe(verdict.b);
					expect(Number.isFinite(verdict.difference)).toBe(true);
					expect(verdict.ciLow ?? 0).toBeLessThanOrEqual(verdict.ciHigh ?? 0);
					if (verdict.pValue !== null) expect(verdict.pValue >= 0 && verdict.pValue <= 1).toBe(true);
					if (verdict.kind !== 'INCONCLUSIVE') expect(verdict.moreSeedsNeeded).toBeNull();
					else expect(verdict.moreSeedsNeeded ?? 1).toBeGreaterThanOrEqual(1);
				}
				expect(numbersIn(comparison).filter((one) => !Number.isFinite(one))).toEqual([]);
				expect(comparison.recommendation?.reason ?? '').not.toMatch(/NaN|undefined|null|Infinity/);
				const backwards = compareRuns([...all].reverse(), 'm', way);
				expect(backwards.groups.map(({ id }) => id).sort()).toEqual([...ids].sort());
				expect(backwards.verdicts.length).toBe(comparison.verdicts.length);
			}),
		);
	});
});
