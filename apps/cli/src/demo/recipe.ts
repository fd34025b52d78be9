import type { StrategyInput } from '@graft/client/gql';

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

/**
 * The question of the demo, in numbers. Rates and epochs were chosen by validation accuracy on seeds that the demo does
 * not use; packages/training/docs/demo.md holds the measurements.
 */
export const RECIPE = {
	metric: 'test_accuracy',
	source: { name: 'digits-0-5', ...digits(['0', '1', '2', '3', '4', '5']) },
	target: { name: 'digits-6-9', ...digits(['6', '7', '8', '9']) },
	randomBackbone: { name: 'small-cnn-random', architecture: 'small-cnn', inputShape: [8, 8, 1] },
	pretrainedBackbone: 'digits-0-5',
	pretraining: {
		experiment: 'Pretraining',
		description: 'A small CNN learns the digits 0 to 5; the result is the backbone of the comparison.',
		strategy: { kind: 'FROM_SCRATCH', learningRate: 3e-3 } satisfies StrategyInput,
		epochs: 10,
		batchSize: 32,
		seed: 0,
	},
	comparison: {
		experiment: 'Digits 6 to 9 from few labels',
		description: 'How much of a backbone that knows 0 to 5 should learn anew, with 5 labels a class?',
		strategies: [
			{ kind: 'FROM_SCRATCH', learningRate: 1e-3 },
			{ kind: 'FEATURE_EXTRACTION', learningRate: 3e-2 },
			{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block4', learningRate: 3e-3 },
			{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3', learningRate: 3e-3 },
			{ kind: 'FULL_FINE_TUNE', learningRate: 3e-3, batchNorm: 'TRAIN_STATISTICS' },
		] satisfies StrategyInput[],
		seeds: [0, 1, 2, 3, 4],
		trainExamplesPerClass: 5,
		epochs: 40,
		batchSize: 32,
	},
} as const;
