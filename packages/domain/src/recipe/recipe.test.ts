import { describe, expect, it, test } from 'vitest';
import type { TrainedOn } from './check-training.js';
import { checkTraining, PLAIN_TRAINING, parseTraining } from './index.js';

test('nothing given is a plain run', () => {
	expect(parseTraining(null)).toBe(PLAIN_TRAINING);
	expect(parseTraining({})).toEqual(PLAIN_TRAINING);
	expect(parseTraining({ schedule: null, ema: null, labelSmoothing: null })).toEqual(PLAIN_TRAINING);
});

test('what is given replaces the defaults, field by field', () => {
	const given = {
		schedule: { kind: 'cosine', warmUp: 0.1 },
		weightDecay: 0.01,
		classWeights: { cat: 2 },
		ema: {},
		mixup: 0.2,
		earlyStopping: { patience: 3, phases: [1] },
	};
	expect(parseTraining(given)).toEqual({
		...PLAIN_TRAINING,
		schedule: { kind: 'cosine', convention: 'huggingface', warmUp: 0.1, start: 0, final: 0 },
		weightDecay: 0.01,
		classWeights: { cat: 2 },
		ema: { decay: 0.99, warmUp: 'none' },
		mixup: 0.2,
		earlyStopping: { monitor: 'val_loss', patience: 3, minDelta: 0, startEpoch: 0, phases: [1] },
	});
	const torch = parseTraining({ schedule: { kind: 'one-cycle', convention: 'torch' } });
	expect(torch).toMatchObject({ schedule: { peakAt: 0.3, finalDivisor: 1e4, momentum: null } });
});

test('a parsed recipe is parsed into itself', () => {
	const once = parseTraining({ schedule: { kind: 'one-cycle', momentum: { high: 0.95, low: 0.85 } }, ema: {} });
	expect(parseTraining(once)).toEqual(once);
	expect(parseTraining({ keepBest: false })).toEqual({ ...PLAIN_TRAINING, keepBest: false });
});

test.each<[unknown, string]>([
	[[], 'training'],
	['cosine', 'training'],
	[{ warmup: 1 }, 'training.warmup'],
	[{ schedule: 'cosine' }, 'training.schedule'],
	[{ schedule: {} }, 'training.schedule.kind'],
	[{ schedule: { kind: 'exponential' } }, 'training.schedule.kind'],
	[{ schedule: { kind: 'cosine', peakAt: 0.1 } }, 'training.schedule.peakAt'],
	[{ schedule: { kind: 'cosine', warmUp: 1 } }, 'training.schedule.warmUp'],
	[{ schedule: { kind: 'one-cycle', peakAt: 0 } }, 'training.schedule.peakAt'],
	[{ schedule: { kind: 'one-cycle', momentum: { high: 0.8, low: 0.9 } } }, 'training.schedule.momentum'],
	[{ schedule: { kind: 'one-cycle', momentum: 0.9 } }, 'training.schedule.momentum'],
	[{ schedule: { kind: 'reduce-on-plateau', monitor: 'loss' } }, 'training.schedule.monitor'],
	[{ schedule: { kind: 'reduce-on-plateau', patience: 1.5 } }, 'training.schedule.patience'],
	[{ weightDecay: -1 }, 'training.weightDecay'],
	[{ gradientClip: 0 }, 'training.gradientClip'],
	[{ gradientClip: '1' }, 'training.gradientClip'],
	[{ labelSmoothing: 1 }, 'training.labelSmoothing'],
	[{ classWeights: 'even' }, 'training.classWeights'],
	[{ classWeights: { cat: 0 } }, 'training.classWeights'],
	[{ classWeights: {} }, 'training.classWeights'],
	[{ keepBest: 'yes' }, 'training.keepBest'],
	[{ ema: { decay: 1 } }, 'training.ema.decay'],
	[{ ema: { warmUp: 'keras' } }, 'training.ema.warmUp'],
	[{ mixup: 0 }, 'training.mixup'],
	[{ earlyStopping: { patience: -1 } }, 'training.earlyStopping.patience'],
	[{ earlyStopping: { phases: [0] } }, 'training.earlyStopping.phases'],
	[{ earlyStopping: true }, 'training.earlyStopping'],
])('refuses %j', (given, field) => {
	expect(parseTraining(given)).toMatchObject({ kind: 'InvalidInput', field });
});

describe('what suits the data, the optimizer and the plan', () => {
	const pets: TrainedOn = {
		dataset: {
			name: 'pets',
			modality: 'IMAGE',
			task: 'CLASSIFICATION',
			classes: ['cat', 'dog'],
			splits: [{ name: 'validation', examples: 5, classCounts: [2, 3] }],
		},
		optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
		phases: 2,
	};
	const weights: TrainedOn = { ...pets, dataset: { ...pets.dataset, task: 'REGRESSION', classes: null } };
	const noValidation: TrainedOn = {
		...pets,
		dataset: {
			...pets.dataset,
			splits: [{ ...pets.dataset.splits[0], name: 'validation', examples: 0, classCounts: [0, 0] }],
		},
	};
	const momentum = { high: 0.9, low: 0.8 };

	it.each<[object, TrainedOn, string | null]>([
		[{}, pets, null],
		[{ classWeights: { cat: 2 } }, pets, null],
		[{ classWeights: { cow: 2 } }, pets, 'training.classWeights.cow'],
		[{ classWeights: 'balanced' }, weights, 'training.classWeights'],
		[{ labelSmoothing: 0.1 }, weights, 'training.labelSmoothing'],
		[{ earlyStopping: { monitor: 'val_mae' } }, weights, null],
		[{ earlyStopping: { monitor: 'val_mae' } }, pets, 'training.earlyStopping.monitor'],
		[{ earlyStopping: {} }, noValidation, 'training.earlyStopping.monitor'],
		[{ earlyStopping: { monitor: 'train_loss' } }, noValidation, null],
		[{ schedule: { kind: 'reduce-on-plateau', monitor: 'val_accuracy' } }, weights, 'training.schedule.monitor'],
		[{ earlyStopping: { phases: [1] } }, pets, null],
		[{ mixup: 0.2 }, pets, null],
		[{ mixup: 0.2 }, { ...pets, dataset: { ...pets.dataset, modality: 'TEXT' } }, 'training.mixup'],
		[{ earlyStopping: { phases: [1, 3] } }, pets, 'training.earlyStopping.phases'],
		[{ schedule: { kind: 'one-cycle', momentum } }, pets, 'training.schedule.momentum'],
		[
			{ schedule: { kind: 'one-cycle', momentum } },
			{ ...pets, optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } },
			null,
		],
	])('%j', (given, on, field) => {
		const training = parseTraining(given);
		if ('field' in training) throw new Error(training.message);
		const refused = checkTraining(training, on);
		expect(refused?.field ?? null).toBe(field);
	});
});
