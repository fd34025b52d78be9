import type { RunSpec } from '@graft/domain/run';
import { type StrategyInput, SUPPORTED_STRATEGY_KINDS } from '@graft/domain/strategy';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isEmulated, patience, useBackend } from '../testing/backends-here.js';
import { collect } from '../testing/collect.js';
import { expectPlanned } from '../testing/expect-planned.js';
import { runSpec } from '../testing/run-spec.js';
import { tinyDataset } from '../testing/tiny-dataset.js';

let dataset: RunSpec['dataset'];
let target: RunSpec['dataset'];
let pretrained: Uint8Array;
const removals: (() => void)[] = [];

beforeAll(async () => {
	await useBackend();
	const made = [await tinyDataset(100), await tinyDataset(12, (cell) => cell / 2 + 1)] as const;
	removals.push(...made.map(({ remove }) => remove));
	[dataset, target] = [made[0].dataset, { ...made[1].dataset, id: 'target' }];
	const spec = runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH', learningRate: 0.01 }, batchSize: 50 });
	pretrained = (await collect(spec, null)).result.checkpoint;
});
afterAll(() => {
	for (const remove of removals) remove();
});

const group = fc.constantFrom('block1', 'block2', 'block3', 'block4');
const OPTIONS: Partial<Record<StrategyInput['kind'], fc.Arbitrary<object>>> = {
	PARTIAL_FINE_TUNE: fc.record({
		unfreezeFrom: group,
		batchNorm: fc.constantFrom('FROZEN_STATISTICS', 'TRAIN_STATISTICS', 'AFFINE_ONLY'),
	}),
	SURGICAL: fc.record({ unfreezeFrom: group }),
	L2_SP: fc.record({ alpha: fc.double({ min: 0.001, max: 1, noNaN: true }) }),
	LORA: fc.record({
		rank: fc.integer({ min: 1, max: 5 }),
		options: fc.record({
			rankStabilized: fc.boolean(),
			targets: fc.option(
				fc.uniqueArray(
					group.map((one) => `${one}_conv`),
					{ minLength: 1 },
				),
			),
		}),
	}),
	FREEZE_OUT: fc.record({
		options: fc.record({
			t0: fc.double({ min: 0.1, max: 1, noNaN: true }),
			schedule: fc.constantFrom('cubic', 'squared', 'linear'),
			scaled: fc.boolean(),
		}),
		batchNorm: fc.constantFrom('FROZEN_STATISTICS', 'TRAIN_STATISTICS'),
	}),
	DEEP_CORAL: fc.record({ options: fc.record({ variant: fc.constantFrom('paper', 'tllib') }) }),
	MMD: fc.record({ batchNorm: fc.constantFrom('FROZEN_STATISTICS', 'TRAIN_STATISTICS') }),
	DANN: fc.record({ options: fc.record({ hidden: fc.integer({ min: 1, max: 6 }) }) }),
};
const strategies = fc
	.constantFrom(...SUPPORTED_STRATEGY_KINDS)
	.chain((kind) => (OPTIONS[kind] ?? fc.constant({})).map((rest): StrategyInput => ({ kind, ...rest })));

/** As the platform launches it, but for what keeps a step short. */
const specOf = (strategy: StrategyInput, epochs: number, batchSize: number) =>
	runSpec({
		...{ dataset, target, epochs, batchSize, pretrained: true },
		strategy: { learningRate: 0.01, ...strategy },
		optimizer: { kind: 'sgd', momentum: 0.5, nesterov: false },
	});

/** Of an epoch in batches of two. */
const STEPS = 50;
describe('any strategy', () => {
	it(
		'plans each layer in one group, counts what learns, and leaves every other bit',
		async () => {
			const run = async (strategy: StrategyInput) => {
				const before = tf.memory().numTensors;
				const spec = specOf(strategy, 5, 50);
				expectPlanned(spec, pretrained, (await collect(spec, pretrained)).result);
				expect(tf.memory().numTensors).toBe(before);
			};
			await fc.assert(fc.asyncProperty(strategies, run), { numRuns: 20 });
		},
		patience(60_000),
	);

	// The kinds in turn, each with options that are drawn, for 1,000 steps.
	it.each(SUPPORTED_STRATEGY_KINDS)(
		'keeps its plan, and holds as many tensors and bytes after each step: %s',
		async (kind) => {
			const [strategy] = fc.sample(
				strategies.filter((one) => one.kind === kind),
				{ numRuns: 1, seed: 7 },
			);
			if (strategy === undefined) throw new Error(kind);
			const [before] = held();
			const epochs = isEmulated() ? 6 : 20;
			const spec = specOf(strategy, epochs, 2);
			const after = new Map<number, ReturnType<typeof held>[]>();
			let time = 0;
			const { result } = await collect(spec, pretrained, {
				// Progress is told at most so often by the clock: of this one, at each step.
				now: () => (time += 1000),
				onProgress: ({ phase, step }) => {
					if (phase === null || step === null) return;
					const counts = after.get(phase) ?? [];
					after.set(phase, counts);
					// A phase's first step makes what its optimizer remembers, its first epoch's end the best epoch.
					const begun = spec.plan.phases.slice(0, phase).reduce((sum, one) => sum + one.epochs, 0) * STEPS;
					if (step > begun + STEPS) counts.push(held());
				},
			});
			expectPlanned(spec, pretrained, result);
			expect(result.steps).toBe(epochs * STEPS);
			const [longest] = [...after.values()].sort((one, other) => other.length - one.length);
			expect(longest?.length).toBeGreaterThan(result.steps / 3);
			for (const counts of after.values()) expect(new Set(counts.map(String)).size).toBeLessThanOrEqual(1);
			expect(held()[0]).toBe(before);
		},
		patience(60_000),
	);
});

/** Tensors, the memory behind them (one may serve several), and bytes. */
function held(): [tensors: number, buffers: number, bytes: number] {
	const { numTensors, numDataBuffers, numBytes } = tf.memory();
	return [numTensors, numDataBuffers, numBytes];
}
