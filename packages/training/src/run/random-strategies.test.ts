import { HEAD_GROUP } from '@graft/domain/architecture';
import { learns } from '@graft/domain/freeze-plan';
import type { RunSpec } from '@graft/domain/run';
import { type StrategyInput, SUPPORTED_STRATEGY_KINDS } from '@graft/domain/strategy';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { float32, readSafetensors } from '../safetensors/index.js';
import { patience, useBackend } from '../testing/backends-here.js';
import { collect } from '../testing/collect.js';
import { runSpec } from '../testing/run-spec.js';
import { tinyDataset } from '../testing/tiny-dataset.js';

let dataset: RunSpec['dataset'];
let target: RunSpec['dataset'];
let pretrained: Uint8Array;
const removals: (() => void)[] = [];

beforeAll(async () => {
	await useBackend();
	const made = [await tinyDataset(10), await tinyDataset(12, (cell) => cell / 2 + 1)] as const;
	removals.push(...made.map(({ remove }) => remove));
	[dataset, target] = [made[0].dataset, { ...made[1].dataset, id: 'target' }];
	const spec = runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH', learningRate: 0.01 }, batchSize: 5 });
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

/** What adding a low-rank update to a kernel does to its bits is no part of the plan. */
const isMerged = (spec: RunSpec, name: string) => spec.strategy.kind === 'LORA' && name.endsWith('/kernel');

describe('any strategy', () => {
	it(
		'plans each layer in one group, counts what learns, and leaves every other bit',
		async () => {
			const seen = new Set<string>();
			const run = async (strategy: StrategyInput) => {
				const before = tf.memory().numTensors;
				seen.add(strategy.kind);
				const rates = { learningRate: 0.01 };
				const given = {
					dataset,
					target,
					strategy: { ...rates, ...strategy },
					epochs: 5,
					batchSize: 5,
					pretrained: true,
				};
				const spec = runSpec(given);
				const network = buildNetwork(spec);
				const { result } = await collect(spec, pretrained);
				expect(result.verification.ok).toBe(true);
				const start = initialWeights(network, spec.seed, spec.plan.startsFromPretrained ? pretrained : null);
				const { tensors } = readSafetensors(result.checkpoint);
				expect(new Set(tensors.keys())).toEqual(new Set(network.weights.map(({ name }) => name)));
				for (const phase of spec.plan.phases) {
					const names = phase.groups.map((one) => one.group);
					expect(new Set(names).size).toBe(names.length);
					for (const { group: name, trains, trainableParameters } of phase.groups) {
						const learning = network.weights.filter((one) => one.group === name && learns(trains, one.spec.role));
						const count = learning.reduce((sum, { spec: { shape } }) => sum + shape.reduce((a, b) => a * b, 1), 0);
						expect([name, count]).toEqual([name, trainableParameters]);
					}
					expect(network.weights.every((weight) => names.includes(weight.group))).toBe(true);
				}
				for (const { name, group: own, spec: weight } of network.weights) {
					const plans = spec.plan.phases.flatMap((phase) => phase.groups.filter((one) => one.group === own));
					const isStatistic = weight.role === 'moving-mean' || weight.role === 'moving-variance';
					const mayChange = isStatistic
						? plans.some(
								({ batchNorm, trainable }) =>
									batchNorm === 'TARGET_STATISTICS' || (trainable && batchNorm === 'TRAIN_STATISTICS'),
							)
						: plans.some((one) => learns(one.trains, weight.role));
					const now = tensors.get(name);
					if (now === undefined) throw new Error(name);
					expect(float32(name, now).values.every(Number.isFinite)).toBe(true);
					if (mayChange || isMerged(spec, name)) continue;
					const old = start.get(name)?.values ?? new Float32Array();
					expect([name, Buffer.compare(now.bytes, Buffer.from(old.buffer, old.byteOffset, old.byteLength))]).toEqual([
						name,
						0,
					]);
				}
				expect(result.verification.groups.find((one) => one.group === HEAD_GROUP)?.changed).toBe(true);
				expect(tf.memory().numTensors).toBe(before);
			};
			for (const kind of SUPPORTED_STRATEGY_KINDS) {
				const [strategy] = fc.sample(
					strategies.filter((one) => one.kind === kind),
					{ numRuns: 1, seed: 7 },
				);
				if (strategy !== undefined) await run(strategy);
			}
			await fc.assert(fc.asyncProperty(strategies, run), { numRuns: 20 });
			expect(seen.size).toBe(SUPPORTED_STRATEGY_KINDS.length);
		},
		patience(60_000),
	);

	it(
		'holds as many tensors after 1,000 steps as after the first epochs',
		async () => {
			const strategy: StrategyInput = { kind: 'DANN', options: { hidden: 2 } };
			const spec = runSpec({ dataset, target, strategy, epochs: 500, batchSize: 5, pretrained: true });
			const counts: number[] = [];
			const { result } = await collect(spec, pretrained, {
				onMetrics: (points) => {
					if (points.some((point) => point.key === 'epoch')) counts.push(tf.memory().numTensors);
				},
			});
			expect(result.steps).toBe(1000);
			// Before the first epoch ends there is no best one yet.
			expect(new Set(counts.slice(1)).size).toBe(1);
		},
		patience(60_000),
	);
});
