import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import facts from '../../vectors/networks.json' with { type: 'json' };
import {
	findArchitecture,
	HEAD_GROUP,
	type LayerSummary,
	summarizeBackbone,
	summarizeHead,
	type WeightRole,
} from '../architecture/index.js';
import type { LayerGroup } from '../backbone/index.js';
import {
	parseStrategy,
	type Strategy,
	type StrategyInput,
	SUPPORTED_STRATEGY_KINDS,
	type SupportedStrategyKind,
	stepsOnTarget,
} from '../strategy/index.js';
import { checkEpochs, type GroupTraining, learns, planFreeze } from './index.js';

interface Facts {
	readonly vgg16: { readonly stages: Stages; readonly trainableFromBlock: Record<string, number> };
	readonly resnet50: {
		readonly stages: Stages;
		readonly batchNormAffine: number;
		readonly trainable: number;
		readonly parameters: number;
	};
	readonly layerwiseRates: Record<string, { decay: number; rate: number; rates: number[] }>;
}
type Stages = Record<string, { parameters: number; trainable: number }>;
const known = facts as Facts;

const group = (name: string, index: number, given: Partial<LayerGroup> = {}): LayerGroup => ({
	name,
	index,
	layers: [name],
	parameterCount: 100,
	trainableCount: 100,
	batchNormCount: 0,
	biasCount: 0,
	hasBatchNorm: false,
	macs: 1000,
	...given,
});
/** BatchNorm has as many moving statistics as gammas and betas. */
const groupsOf = (stages: Stages): LayerGroup[] =>
	Object.entries(stages).map(([name, { parameters, trainable }], index) =>
		group(name, index, {
			parameterCount: parameters,
			trainableCount: trainable,
			batchNormCount: parameters - trainable,
			hasBatchNorm: parameters > trainable,
		}),
	);
const matrixLayer = (name: string, macs: number): LayerSummary => ({
	group: name,
	layer: { kind: 'dense', name, units: 3 },
	inputs: ['input'],
	inputShape: [2],
	outputShape: [3],
	weights: [{ name: `${name}/kernel`, role: 'kernel', shape: [2, 3], fanIn: 2, fanOut: 3 }],
	macs,
});
const head = group(HEAD_GROUP, 0, { parameterCount: 10, trainableCount: 10, biasCount: 2, macs: 8 });
const noHead = { ...head, parameterCount: 0, trainableCount: 0 };

function plan(input: StrategyInput, layerGroups: readonly LayerGroup[], epochs = 10, top = head) {
	const strategy = parseStrategy(input, layerGroups, 'strategy');
	if ('message' in strategy) throw new Error(strategy.message);
	return planFreeze({ strategy, layerGroups, head: top, epochs });
}
const four = ['block1', 'block2', 'block3', 'block4'].map((name, index) =>
	group(name, index, { parameterCount: 100, trainableCount: 90, batchNormCount: 10, biasCount: 5, hasBatchNorm: true }),
);
const trains = (input: StrategyInput, epochs = 10) =>
	plan(input, four, epochs).phases.map((phase) => phase.groups.map((one) => one.trains[0]).join(''));

describe('planFreeze, who learns', () => {
	// N none, A all, B BatchNorm or biases; block1 to block4, then the head.
	it.each([
		[{ kind: 'FROM_SCRATCH' }, ['AAAAA']],
		[{ kind: 'FEATURE_EXTRACTION' }, ['NNNNA']],
		[{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3' }, ['NNAAA']],
		[{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3', batchNorm: 'AFFINE_ONLY' }, ['BBAAA']],
		[{ kind: 'FULL_FINE_TUNE' }, ['AAAAA']],
		[{ kind: 'LP_FT' }, ['NNNNA', 'AAAAA']],
		[{ kind: 'GRADUAL_UNFREEZE' }, ['NNNAA', 'NNAAA', 'NAAAA', 'AAAAA']],
		[{ kind: 'DISCRIMINATIVE_LR' }, ['AAAAA']],
		[{ kind: 'LAYERWISE_LR_DECAY' }, ['AAAAA']],
		[{ kind: 'BATCH_NORM_ONLY' }, ['BBBBA']],
		[{ kind: 'BITFIT' }, ['BBBBA']],
		[{ kind: 'SURGICAL', unfreezeFrom: 'block1' }, ['ANNNA']],
		[{ kind: 'L2_SP' }, ['AAAAA']],
		[{ kind: 'FREEZE_OUT' }, ['AAAAA']],
		[{ kind: 'ADABN' }, ['NNNNA']],
		[{ kind: 'DEEP_CORAL' }, ['AAAAA']],
		[{ kind: 'MMD' }, ['AAAAA']],
		[{ kind: 'DANN' }, ['AAAAA']],
	] as const)('%j', (input, wanted) => {
		expect(trains(input)).toEqual(wanted);
	});

	it('agrees with Keras on what learns from each block of VGG16', () => {
		const groups = groupsOf(known.vgg16.stages);
		for (const [block, trainable] of Object.entries(known.vgg16.trainableFromBlock)) {
			const made = plan({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: block }, groups, 1, noHead);
			expect(made.trainableParameters).toBe(trainable);
			expect(made.frozenParameters).toBe(14_714_688 - trainable);
		}
	});

	it('agrees with Keras on ResNet50: all, and BatchNorm alone; moving statistics never count as learning', () => {
		const groups = groupsOf(known.resnet50.stages);
		const full = plan({ kind: 'FULL_FINE_TUNE' }, groups, 1, noHead);
		expect(full.trainableParameters).toBe(known.resnet50.trainable);
		expect(full.trainableParameters + full.frozenParameters).toBe(known.resnet50.parameters);
		const affine = plan({ kind: 'BATCH_NORM_ONLY' }, groups, 1, noHead);
		expect(affine.trainableParameters).toBe(known.resnet50.batchNormAffine);
	});

	it('counts what `learns` lets learn, weight by weight', () => {
		const architecture = findArchitecture('small-cnn');
		if (architecture === null) throw new Error('no small-cnn');
		const { network, layerGroups } = summarizeBackbone(architecture, [8, 8, 1]);
		const summary = summarizeHead({ pooling: 'average', hidden: [], dropout: 0 }, network.outputShape, 4);
		const layers = [...network.layers, ...summary.network.layers];
		for (const kind of [
			'FULL_FINE_TUNE',
			'FEATURE_EXTRACTION',
			'BATCH_NORM_ONLY',
			'BITFIT',
			'GRADUAL_UNFREEZE',
		] as const) {
			for (const phase of plan({ kind }, layerGroups, 10, summary.group).phases) {
				for (const one of phase.groups) {
					const weights = layers.filter((layer) => layer.group === one.group).flatMap((layer) => layer.weights);
					const learning = weights
						.filter((weight) => learns(one.trains, weight.role))
						.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
					expect([kind, one.group, one.trainableParameters]).toEqual([kind, one.group, learning]);
				}
			}
		}
	});
});

describe('learns', () => {
	it('never lets moving statistics learn by gradient', () => {
		const all: readonly GroupTraining[] = ['NONE', 'ALL', 'BATCH_NORM_AFFINE', 'BIASES', 'LORA'];
		for (const training of all) {
			for (const role of ['moving-mean', 'moving-variance'] as const) expect(learns(training, role)).toBe(false);
		}
		const roles: readonly WeightRole[] = ['kernel', 'bias', 'gamma', 'beta', 'lora-a', 'lora-b'];
		const of = (training: GroupTraining) => roles.filter((role) => learns(training, role));
		expect(of('NONE')).toEqual([]);
		expect(of('ALL')).toEqual(roles);
		expect(of('BATCH_NORM_AFFINE')).toEqual(['gamma', 'beta']);
		expect(of('BIASES')).toEqual(['bias', 'beta']);
		expect(of('LORA')).toEqual(['lora-a', 'lora-b']);
	});
});

describe('planFreeze, BatchNorm', () => {
	const modes = (input: StrategyInput) => plan(input, four).phases[0]?.groups.map((one) => one.batchNorm);
	it.each([
		[{ kind: 'FROM_SCRATCH' }, ['TRAIN_STATISTICS', 'TRAIN_STATISTICS', 'TRAIN_STATISTICS', 'TRAIN_STATISTICS', null]],
		[
			{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block4', batchNorm: 'TRAIN_STATISTICS' },
			['FROZEN_STATISTICS', 'FROZEN_STATISTICS', 'FROZEN_STATISTICS', 'TRAIN_STATISTICS', null],
		],
		[
			{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block4', batchNorm: 'AFFINE_ONLY' },
			['AFFINE_ONLY', 'AFFINE_ONLY', 'AFFINE_ONLY', 'FROZEN_STATISTICS', null],
		],
		[{ kind: 'BATCH_NORM_ONLY' }, ['AFFINE_ONLY', 'AFFINE_ONLY', 'AFFINE_ONLY', 'AFFINE_ONLY', null]],
	] as const)('%j', (input, wanted) => {
		expect(modes(input)).toEqual(wanted);
	});
});

describe('planFreeze, rates', () => {
	it.each(Object.entries(known.layerwiseRates))('decays as the reference for %s', (_, { decay, rate, rates }) => {
		const groups = rates.slice(1).map((__, index) => group(`layer${index}`, index));
		const made = plan({ kind: 'LAYERWISE_LR_DECAY', decay, learningRate: rate }, groups);
		made.phases[0]?.groups.forEach((one, index) => {
			expect(Math.abs((one.learningRate ?? 0) / (rates[index] ?? 0) - 1)).toBeLessThan(1e-12);
		});
		expect(made.phases[0]?.groups).toHaveLength(rates.length);
	});

	it('divides by 2.6 a group, and keeps head and backbone apart', () => {
		const made = plan({ kind: 'DISCRIMINATIVE_LR', learningRate: 0.1, backboneLearningRate: 0.01 }, four);
		const rates = made.phases[0]?.groups.map((one) => one.learningRate ?? 0) ?? [];
		expect(rates[4]).toBe(0.1);
		expect(rates[3]).toBeCloseTo(0.01 / 2.6, 12);
		expect(rates[0]).toBeCloseTo(0.01 / 2.6 ** 4, 12);
	});

	it('gives frozen groups none', () => {
		const rates = plan({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block4' }, four).phases[0]?.groups;
		expect(rates?.map((one) => one.learningRate)).toEqual([null, null, null, 1e-3, 1e-3]);
	});
});

describe('planFreeze, cost', () => {
	// Four groups of 1000 and a head of 8: F = 4008.
	it.each([
		[{ kind: 'FULL_FINE_TUNE' }, 3 * 4008, null],
		[{ kind: 'FEATURE_EXTRACTION' }, 4008 + 2 * 8, 3 * 8],
		[{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3' }, 4008 + 2 * 2008, 3 * 2008],
		// Biases: forward and activations everywhere, kernels of the head only.
		[{ kind: 'BITFIT' }, 2 * 4008 + 8, null],
		// Frozen above a learning group: only the kernel gradients are saved.
		[{ kind: 'SURGICAL', unfreezeFrom: 'block2' }, 4008 + 3008 + 1008, 3008 + 3008 + 1008],
	] as const)('%j', (input, cost, cached) => {
		const made = plan(input, four);
		expect(made.stepCost).toBe(cost);
		expect(made.cachedStepCost).toBe(cached);
		expect(made.cacheReason === null).toBe(cached !== null);
	});

	it('says why the trunk cannot be kept', () => {
		expect(plan({ kind: 'FULL_FINE_TUNE' }, four).cacheReason).toBe('block1, at the input, learns.');
		expect(plan({ kind: 'LP_FT' }, four).cacheReason).toBe('Not in phase 2: block1, at the input, learns.');
		expect(plan({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block4' }, four).cacheReason).toBeNull();
	});

	it('weighs phases by their epochs', () => {
		const made = plan({ kind: 'LP_FT', epochsPerStage: 4 }, four, 10);
		expect(made.phases.map((phase) => phase.epochs)).toEqual([4, 6]);
		expect(made.stepCost).toBeCloseTo((4 * 4024 + 6 * 12_024) / 10, 9);
		expect(made.phases.map((phase) => phase.cachedStepCost)).toEqual([24, null]);
		expect(made.cachedStepCost).toBeCloseTo((4 * 24 + 6 * 12_024) / 10, 9);
	});
});

describe('checkEpochs', () => {
	const strategy = (input: StrategyInput) => parseStrategy(input, four, 'strategy') as Strategy;
	it('refuses too few epochs, and planFreeze throws for them', () => {
		const gradual = strategy({ kind: 'GRADUAL_UNFREEZE', epochsPerStage: 2 });
		expect(checkEpochs(gradual, four, 7)).toBeNull();
		expect(checkEpochs(gradual, four, 6, 'base.epochs')).toMatchObject({
			kind: 'InvalidInput',
			field: 'base.epochs',
			message: 'GRADUAL_UNFREEZE with 2 epochs a stage needs 7 epochs here, and 6 are given.',
		});
		expect(() => planFreeze({ strategy: gradual, layerGroups: four, head, epochs: 6 })).toThrow('needs 7 epochs');
		expect(checkEpochs(strategy({ kind: 'LP_FT' }), four, 1)).toMatchObject({ code: 'TOO_FEW_EPOCHS' });
		for (const epochs of [0, -1, 1.5, Number.NaN]) {
			expect(checkEpochs(strategy({ kind: 'FULL_FINE_TUNE' }), four, epochs)).toMatchObject({ field: 'epochs' });
		}
	});
});

describe('every plan', () => {
	const layerGroups = fc
		.array(fc.record({ kernel: fc.nat(1000), channels: fc.nat(20), bias: fc.nat(20), macs: fc.nat(10_000) }), {
			minLength: 1,
			maxLength: 8,
		})
		.map((sizes) =>
			sizes.map(({ kernel, channels, bias, macs }, index) =>
				group(`g${index}`, index, {
					parameterCount: kernel + bias + 4 * channels,
					trainableCount: kernel + bias + 2 * channels,
					batchNormCount: 2 * channels,
					biasCount: bias + channels,
					hasBatchNorm: channels > 0,
					macs,
				}),
			),
		);
	const request = fc.record({
		kind: fc.constantFrom<SupportedStrategyKind>(...SUPPORTED_STRATEGY_KINDS),
		layerGroups,
		from: fc.nat(7),
		batchNorm: fc.constantFrom(null, 'FROZEN_STATISTICS' as const, 'TRAIN_STATISTICS' as const, 'AFFINE_ONLY' as const),
		epochs: fc.integer({ min: 1, max: 40 }),
		epochsPerStage: fc.integer({ min: 1, max: 4 }),
	});

	it('covers every group once in each phase, sums to the epochs and to the parameters, and freezes honestly', () => {
		let checked = 0;
		fc.assert(
			fc.property(request, ({ kind, layerGroups: groups, from, batchNorm, epochs, epochsPerStage }) => {
				const input: StrategyInput = {
					kind,
					batchNorm,
					unfreezeFrom: kind === 'PARTIAL_FINE_TUNE' || kind === 'SURGICAL' ? String(from % groups.length) : null,
					epochsPerStage: kind === 'LP_FT' || kind === 'GRADUAL_UNFREEZE' ? epochsPerStage : null,
				};
				const strategy = parseStrategy(input, groups, 'strategy');
				if ('message' in strategy || checkEpochs(strategy, groups, epochs) !== null) return;
				checked++;
				const layers = groups.map(({ name, macs }) => matrixLayer(name, macs));
				const made = planFreeze({ strategy, layerGroups: groups, head, epochs, layers });
				const names = [...groups.map(({ name }) => name), HEAD_GROUP];
				expect(made.phases.reduce((sum, phase) => sum + phase.epochs, 0)).toBe(epochs);
				let before = -1;
				for (const phase of made.phases) {
					expect(phase.groups.map((one) => one.group)).toEqual(names);
					expect(phase.epochs).toBeGreaterThanOrEqual(1);
					// What learns only grows from phase to phase.
					expect(phase.trainableParameters).toBeGreaterThanOrEqual(before);
					before = phase.trainableParameters;
					expect(phase.groups.at(-1)?.trains).toBe('ALL');
					expect(phase.cachedStepCost ?? 0).toBeLessThanOrEqual(phase.stepCost);
					for (const [index, one] of phase.groups.entries()) {
						const of = groups[index] ?? head;
						expect(one.trainable).toBe(one.trains !== 'NONE');
						expect(one.learningRate !== null).toBe(one.trainable);
						expect(one.trainableParameters > 0).toBe(one.trainable);
						expect(one.batchNorm === null).toBe(!of.hasBatchNorm);
						const still = kind === 'ADABN' ? 'TARGET_STATISTICS' : 'FROZEN_STATISTICS';
						if (!one.trainable && of.hasBatchNorm) expect(one.batchNorm).toBe(still);
					}
				}
				const all = [...groups, head];
				// Rank 8 of a 2 x 3 matrix in each group.
				const added = kind === 'LORA' ? 8 * (2 + 3) * groups.length : 0;
				expect(made.trainableParameters + made.frozenParameters).toBe(
					all.reduce((sum, one) => sum + one.parameterCount, added),
				);
				expect(made.trainableParameters).toBe(before);
				expect(made.startsFromPretrained).toBe(kind !== 'FROM_SCRATCH');
				const forward = all.reduce((sum, one) => sum + one.macs, 0);
				expect(made.stepCost).toBeGreaterThanOrEqual(forward);
				const most = stepsOnTarget(kind) ? 6 * forward : 3 * forward + (3 * added * (forward - head.macs)) / 6;
				expect(made.stepCost).toBeLessThanOrEqual(most + 1e-6);
			}),
			{ numRuns: 500 },
		);
		expect(checked).toBeGreaterThan(100);
	});
});
