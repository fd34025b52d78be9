import type { StrategyInput } from '@graft/client/gql';

/** The question of the demo, in numbers. packages/training/README.md holds the measurements behind them. */
const digits = (classes: readonly string[]) => ({
	uri: 'builtin:optdigits',
	format: 'csv-image',
	options: {
		shape: [8, 8, 1],
		scale: 16,
		label: 'digit',
		classes,
		splitSeed: 0,
		fractions: { train: 0.5, validation: 0.2, test: 0.3 },
	},
});

export const RECIPE = {
	metric: 'test_accuracy',
	source: { name: 'digits-0-5', ...digits(['0', '1', '2', '3', '4', '5']) },
	target: { name: 'digits-6-9', ...digits(['6', '7', '8', '9']) },
	randomBackbone: { name: 'small-cnn-random', architecture: 'small-cnn', inputShape: [8, 8, 1] },
	pretrainedBackbone: 'digits-0-5',
	pretraining: {
		experiment: 'Pretraining',
		description: 'A small CNN learns the digits 0 to 5; the result is the backbone of the comparison.',
		strategy: { kind: 'FROM_SCRATCH', batchNorm: 'TRAIN_STATISTICS', learningRate: 2e-3 } satisfies StrategyInput,
		epochs: 15,
		batchSize: 32,
		seed: 1,
	},
	comparison: {
		experiment: 'Digits 6 to 9 from few labels',
		description: 'How much of a backbone that knows 0 to 5 should learn anew, with 5 labels a class?',
		strategies: [
			{ kind: 'FROM_SCRATCH', batchNorm: 'TRAIN_STATISTICS', learningRate: 2e-3 },
			{ kind: 'FEATURE_EXTRACTION', learningRate: 1e-2 },
			{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block4', learningRate: 2e-3 },
			{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3', learningRate: 2e-3 },
			{ kind: 'FULL_FINE_TUNE', learningRate: 2e-3 },
		] satisfies StrategyInput[],
		seeds: [1, 2, 3, 4, 5],
		trainExamplesPerClass: 5,
		epochs: 30,
		batchSize: 20,
	},
} as const;
