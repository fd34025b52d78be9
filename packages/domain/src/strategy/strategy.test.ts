import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findArchitecture, summarizeBackbone } from '../architecture/index.js';
import type { LayerGroup } from '../backbone/index.js';
import {
	parseStrategy,
	STRATEGY_KINDS,
	type Strategy,
	type StrategyInput,
	SUPPORTED_STRATEGY_KINDS,
	strategyKey,
	strategyLabel,
} from './index.js';

const architecture = findArchitecture('small-cnn');
const groups: readonly LayerGroup[] =
	architecture === null ? [] : summarizeBackbone(architecture, [8, 8, 1]).layerGroups;
const plain = groups.map((group) => ({ ...group, hasBatchNorm: false, batchNormCount: 0, biasCount: 0 }));

/** As it may come from JSON: nothing of its type is certain. */
const parse = (input: object, layerGroups = groups) =>
	parseStrategy(input as StrategyInput, layerGroups, 'strategies[2]');

function parsed(input: object): Strategy {
	const strategy = parse(input);
	if ('message' in strategy) throw new Error(strategy.message);
	return strategy;
}

describe('parseStrategy', () => {
	it('fills in the defaults', () => {
		expect(parse({ kind: 'FULL_FINE_TUNE' })).toEqual({
			kind: 'FULL_FINE_TUNE',
			unfreezeFrom: null,
			batchNorm: 'FROZEN_STATISTICS',
			learningRate: 1e-3,
			backboneLearningRate: 1e-3,
			decay: null,
			epochsPerStage: null,
			options: {},
		});
		expect(parse({ kind: 'FULL_FINE_TUNE', learningRate: 0.01 })).toMatchObject({ backboneLearningRate: 0.01 });
		expect(parse({ kind: 'FROM_SCRATCH' })).toMatchObject({ batchNorm: 'TRAIN_STATISTICS' });
		expect(parse({ kind: 'BATCH_NORM_ONLY' })).toMatchObject({ batchNorm: 'AFFINE_ONLY' });
		expect(parse({ kind: 'DISCRIMINATIVE_LR' })).toMatchObject({ decay: 1 / 2.6 });
		expect(parse({ kind: 'LAYERWISE_LR_DECAY' })).toMatchObject({ decay: 0.75 });
		expect(parse({ kind: 'LP_FT' })).toMatchObject({ epochsPerStage: 1 });
		expect(parse({ kind: 'GRADUAL_UNFREEZE', epochsPerStage: 3 })).toMatchObject({ epochsPerStage: 3 });
		expect(parse({ kind: 'L2_SP' })).toMatchObject({ alpha: 0.01, options: { beta: 0.01 } });
		expect(parse({ kind: 'LORA', alpha: 16 })).toMatchObject({
			rank: 8,
			alpha: 16,
			options: { rankStabilized: false, targets: null },
		});
		expect(parse({ kind: 'FREEZE_OUT', options: { t0: 0.5 } })).toMatchObject({
			options: { t0: 0.5, schedule: 'cubic', scaled: true },
		});
		expect(parse({ kind: 'DANN' })).toMatchObject({ options: { weight: 1, gamma: 10, hidden: 1024 } });
		expect(parse({ kind: 'ADABN' })).toMatchObject({ batchNorm: 'TARGET_STATISTICS' });
	});

	it('takes null as not given', () => {
		const input = { kind: 'FEATURE_EXTRACTION', unfreezeFrom: null, rank: null, decay: null, options: null };
		expect(parse(input)).toMatchObject({ kind: 'FEATURE_EXTRACTION', unfreezeFrom: null });
	});

	it('finds a group by name or index', () => {
		for (const unfreezeFrom of ['block3', '2', 2]) {
			expect(parse({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom })).toMatchObject({ unfreezeFrom: 'block3' });
		}
		const numbered = groups.map((group, index) => ({ ...group, name: String(3 - index) }));
		expect(parse({ kind: 'SURGICAL', unfreezeFrom: '3' }, numbered)).toMatchObject({ unfreezeFrom: '3' });
	});

	it.each([
		[
			{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block9' },
			'unfreezeFrom',
			'block1 (0), block2 (1), block3 (2), block4 (3)',
		],
		[{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: '4' }, 'unfreezeFrom', 'no layer group 4'],
		[{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'head' }, 'unfreezeFrom', 'use FEATURE_EXTRACTION'],
		[{ kind: 'PARTIAL_FINE_TUNE' }, 'unfreezeFrom', 'needs unfreezeFrom'],
		[{ kind: 'SURGICAL', unfreezeFrom: null }, 'unfreezeFrom', 'needs unfreezeFrom'],
		[{ kind: 'MAGIC' }, 'kind', 'MAGIC is not available. Available are FROM_SCRATCH, FEATURE_EXTRACTION,'],
		[{}, 'kind', 'undefined is not available'],
		[{ kind: 'FULL_FINE_TUNE', freezeUpTo: 2 }, 'freezeUpTo', 'no field freezeUpTo'],
		[{ kind: 'FULL_FINE_TUNE', constructor: 1 }, 'constructor', 'no field constructor'],
		[{ kind: 'FULL_FINE_TUNE', unfreezeFrom: 'block1' }, 'unfreezeFrom', 'FULL_FINE_TUNE does not use unfreezeFrom'],
		[{ kind: 'FULL_FINE_TUNE', rank: 4 }, 'rank', 'does not use rank'],
		[{ kind: 'FEATURE_EXTRACTION', backboneLearningRate: 1e-4 }, 'backboneLearningRate', 'does not use'],
		[{ kind: 'FULL_FINE_TUNE', decay: 0.5 }, 'decay', 'does not use decay'],
		[{ kind: 'FULL_FINE_TUNE', options: { warmup: 1 } }, 'options.warmup', 'no option warmup'],
		[{ kind: 'FULL_FINE_TUNE', options: [1] }, 'options', 'an object'],
		[{ kind: 'FULL_FINE_TUNE', alpha: 1 }, 'alpha', 'does not use alpha'],
		[{ kind: 'LORA', rank: 0 }, 'rank', 'whole number from 1 to 4096, not 0'],
		[{ kind: 'LORA', rank: 2.5 }, 'rank', 'not 2.5'],
		[{ kind: 'LORA', alpha: 0 }, 'alpha', 'above 0, not 0'],
		[{ kind: 'LORA', batchNorm: 'TRAIN_STATISTICS' }, 'batchNorm', 'Use FROZEN_STATISTICS'],
		[{ kind: 'LORA', options: { rankStabilized: 1 } }, 'options.rankStabilized', 'true or false, not 1'],
		[{ kind: 'LORA', options: { targets: [] } }, 'options.targets', 'a list of names'],
		[{ kind: 'LORA', options: { targets: ['block9'] } }, 'options.targets', 'ends in block9'],
		[{ kind: 'L2_SP', options: { beta: -1 } }, 'options.beta', 'from 0 to 1000000, not -1'],
		[{ kind: 'L2_SP', options: { gamma: 1 } }, 'options.gamma', 'no option gamma. It takes beta'],
		[{ kind: 'FREEZE_OUT', options: { schedule: 'fast' } }, 'options.schedule', 'cubic or squared or linear'],
		[{ kind: 'FREEZE_OUT', options: { t0: 0 } }, 'options.t0', 'from 0.01 to 1, not 0'],
		[{ kind: 'DANN', options: { hidden: 1.5 } }, 'options.hidden', 'a whole number'],
		[{ kind: 'ADABN', batchNorm: 'TRAIN_STATISTICS' }, 'batchNorm', 'Use TARGET_STATISTICS'],
		[{ kind: 'FULL_FINE_TUNE', batchNorm: 'TARGET_STATISTICS' }, 'batchNorm', 'does not take'],
		[{ kind: 'FULL_FINE_TUNE', learningRate: 0 }, 'learningRate', 'above 0, not 0'],
		[{ kind: 'FULL_FINE_TUNE', learningRate: Number.POSITIVE_INFINITY }, 'learningRate', 'not Infinity'],
		[{ kind: 'FULL_FINE_TUNE', learningRate: '0.1' }, 'learningRate', 'a number above 0'],
		[{ kind: 'FULL_FINE_TUNE', backboneLearningRate: -1 }, 'backboneLearningRate', 'not -1'],
		[{ kind: 'LAYERWISE_LR_DECAY', decay: 1.5 }, 'decay', 'not above 1, not 1.5'],
		[{ kind: 'LAYERWISE_LR_DECAY', decay: 0 }, 'decay', 'above 0'],
		[{ kind: 'LAYERWISE_LR_DECAY', decay: Number.NaN }, 'decay', 'NaN'],
		[{ kind: 'LP_FT', epochsPerStage: 1.5 }, 'epochsPerStage', 'whole number from 1'],
		[{ kind: 'GRADUAL_UNFREEZE', epochsPerStage: 0 }, 'epochsPerStage', 'whole number from 1'],
		[{ kind: 'FROM_SCRATCH', batchNorm: 'FROZEN_STATISTICS' }, 'batchNorm', 'Use TRAIN_STATISTICS'],
		[{ kind: 'FULL_FINE_TUNE', batchNorm: 'AFFINE_ONLY' }, 'batchNorm', 'Use FROZEN_STATISTICS or TRAIN_STATISTICS'],
		[{ kind: 'FULL_FINE_TUNE', batchNorm: 'OFF' }, 'batchNorm', 'There is no BatchNorm mode OFF'],
	])('refuses %j by name', (input, field, message) => {
		const refused = parse(input);
		expect(refused).toMatchObject({ kind: 'InvalidInput', field: `strategies[2].${field}` });
		expect((refused as { message: string }).message).toContain(message);
	});

	it('refuses kinds that would train nothing of this backbone', () => {
		expect(parse({ kind: 'BATCH_NORM_ONLY' }, plain)).toMatchObject({ kind: 'InvalidInput' });
		expect(parse({ kind: 'BITFIT' }, plain)).toMatchObject({ kind: 'InvalidInput' });
		expect(parse({ kind: 'ADABN' }, plain)).toMatchObject({ kind: 'InvalidInput' });
	});

	it('is idempotent: what it gives, it takes and gives again', () => {
		for (const kind of SUPPORTED_STRATEGY_KINDS) {
			const needsGroup = kind === 'PARTIAL_FINE_TUNE' || kind === 'SURGICAL';
			const strategy = parsed({ kind, unfreezeFrom: needsGroup ? 'block2' : null });
			const oneRate = kind === 'FEATURE_EXTRACTION' || kind === 'ADABN';
			const again = oneRate ? { ...strategy, backboneLearningRate: null } : strategy;
			expect(parse(again)).toEqual(strategy);
		}
	});

	it('answers any JSON with a value, never with an exception', () => {
		const field = fc.constantFrom(
			'unfreezeFrom',
			'batchNorm',
			'learningRate',
			'decay',
			'epochsPerStage',
			'rank',
			'alpha',
			'options',
			'x',
		);
		fc.assert(
			fc.property(fc.constantFrom(...STRATEGY_KINDS), fc.dictionary(field, fc.jsonValue()), (kind, rest) => {
				const strategy = parse({ ...rest, kind });
				if ('message' in strategy) expect(strategy.field?.startsWith('strategies[2].')).toBe(true);
				else expect(Number.isFinite(strategy.learningRate) && strategy.learningRate > 0).toBe(true);
			}),
		);
	});
});

describe('labels and keys', () => {
	it('speaks as people do', () => {
		const label = (input: object) => strategyLabel(parsed(input));
		expect(label({ kind: 'FROM_SCRATCH' })).toBe('from scratch');
		expect(label({ kind: 'FEATURE_EXTRACTION' })).toBe('feature extraction');
		expect(label({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: '2' })).toBe('fine-tune from block3');
		expect(label({ kind: 'FULL_FINE_TUNE' })).toBe('full fine-tuning');
		expect(label({ kind: 'SURGICAL', unfreezeFrom: 'block1' })).toBe('block1 and head only');
		expect(label({ kind: 'LORA', rank: 4 })).toBe('LoRA of rank 4');
	});

	it('has another label for each kind', () => {
		const base = parsed({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block2' });
		const labels = STRATEGY_KINDS.map((kind) => strategyLabel({ ...base, kind }));
		expect(new Set(labels).size).toBe(labels.length);
	});

	it('has equal keys for equal strategies only', () => {
		const a = parsed({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block2' });
		const reordered = Object.fromEntries(Object.entries(a).reverse()) as unknown as Strategy;
		expect(strategyKey(reordered)).toBe(strategyKey(a));
		expect(strategyKey(parsed({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: '1' }))).toBe(strategyKey(a));
		expect(strategyKey({ ...a, learningRate: 2e-3 })).not.toBe(strategyKey(a));
		expect(strategyKey(a)).toMatch(/^[0-9a-f]{16}$/);
	});
});
