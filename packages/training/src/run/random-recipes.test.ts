import type { JsonObject } from '@graft/domain/json';
import type { OptimizerSpec, RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience, useBackend } from '../testing/backends-here.js';
import { collect } from '../testing/collect.js';
import { runSpec } from '../testing/run-spec.js';
import { tinyDataset } from '../testing/tiny-dataset.js';

let dataset: RunSpec['dataset'];
let remove = () => {};
let pretrained: Uint8Array;

beforeAll(async () => {
	await useBackend();
	({ dataset, remove } = await tinyDataset(10));
	const { result } = await collect(runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' }, seed: 9 }), null);
	pretrained = result.checkpoint;
});
afterAll(() => remove());

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const share = fc.double({ min: 0, max: 0.9, noNaN: true });
const monitor = fc.constantFrom('val_loss', 'val_accuracy', 'train_loss');
const schedule = fc.oneof(
	fc.record({ kind: fc.constantFrom('constant', 'linear', 'cosine'), warmUp: share }),
	fc.record({ kind: fc.constant('one-cycle'), convention: fc.constantFrom('fastai', 'torch') }),
	fc.record({ kind: fc.constant('slanted-triangular') }),
	fc.record({ kind: fc.constant('reduce-on-plateau'), monitor, patience: fc.integer({ min: 0, max: 2 }) }),
);
const recipe = fc.record({
	schedule: maybe(schedule),
	weightDecay: maybe(share),
	gradientClip: maybe(fc.double({ min: 0.01, max: 10, noNaN: true })),
	labelSmoothing: maybe(share),
	classWeights: maybe(fc.constant('balanced')),
	ema: maybe(fc.record({ decay: fc.constant(0.9), warmUp: fc.constantFrom('none', 'timm', 'tensorflow') })),
	mixup: maybe(fc.constant(0.4)),
	earlyStopping: maybe(fc.record({ monitor, patience: fc.integer({ min: 0, max: 2 }) })),
});
const convention = fc.constantFrom(undefined, 'torch' as const);
const optimizer: fc.Arbitrary<OptimizerSpec> = fc.oneof(
	fc.record({
		kind: fc.constantFrom('adam' as const, 'adamw' as const),
		...{ convention, beta1: fc.constant(0.9), beta2: fc.constant(0.99), epsilon: fc.constant(1e-7) },
	}),
	fc.record({ kind: fc.constant('sgd' as const), convention, momentum: share, nesterov: fc.constant(false) }),
	fc.record({
		kind: fc.constant('rmsprop' as const),
		...{ convention, rho: fc.constant(0.9), momentum: share, epsilon: fc.constant(1e-7) },
	}),
);
const strategies: StrategyInput[] = [
	{ kind: 'FEATURE_EXTRACTION' },
	{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3', batchNorm: 'TRAIN_STATISTICS' },
	{ kind: 'SURGICAL', unfreezeFrom: 'block2' },
	{ kind: 'BITFIT' },
	{ kind: 'LP_FT', epochsPerStage: 2 },
];

describe('any recipe', () => {
	it(
		'leaves every frozen bit, keeps no tensor, and does the same again',
		async () => {
			await fc.assert(
				fc.asyncProperty(recipe, optimizer, fc.constantFrom(...strategies), async (training, update, strategy) => {
					const request = { dataset, strategy, optimizer: update, training: training as JsonObject };
					const spec = runSpec({ ...request, pretrained: true, epochs: 3, batchSize: 4 });
					const before = tf.memory().numTensors;
					const [one, two] = [await collect(spec, pretrained), await collect(spec, pretrained)];
					expect(tf.memory().numTensors).toBe(before);
					expect(one.result.verification.ok).toBe(true);
					expect(Buffer.compare(one.result.checkpoint, two.result.checkpoint)).toBe(0);
					expect(one.points.every(({ value }) => Number.isFinite(value))).toBe(true);
					expect(one.progress.at(-1)).toMatchObject({ step: one.result.steps, steps: one.result.steps });
				}),
				{ numRuns: 25 },
			);
		},
		patience(60_000),
	);
});
