import type { FreezePhase, FreezePlan, GroupPlan, GroupTraining } from '@graft/domain/freeze-plan';
import { learns } from '@graft/domain/freeze-plan';
import type { RunSpec } from '@graft/domain/run';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork, type NetworkWeight } from '../network/network.js';
import { float32, readSafetensors } from '../safetensors/index.js';
import { patience, useBackend } from '../testing/backends-here.js';
import { collect } from '../testing/collect.js';
import { runSpec } from '../testing/run-spec.js';
import { tinyDataset } from '../testing/tiny-dataset.js';
import { splitNetwork } from './phase-network.js';

let spec: RunSpec;
let remove = () => {};
beforeAll(async () => {
	await useBackend();
	const tiny = await tinyDataset(10);
	remove = tiny.remove;
	const head = { pooling: 'max', hidden: [4], dropout: 0.2 } as const;
	spec = runSpec({
		dataset: tiny.dataset,
		strategy: { kind: 'FULL_FINE_TUNE', learningRate: 0.01 },
		head,
		batchSize: 5,
	});
});
afterAll(() => remove());

interface Choice {
	readonly trains: GroupTraining;
	readonly moves: boolean;
}
const choice: fc.Arbitrary<Choice> = fc.record({
	trains: fc.constantFrom('NONE' as const, 'ALL' as const, 'BATCH_NORM_AFFINE' as const, 'BIASES' as const),
	moves: fc.boolean(),
});
/** For each phase, what each of the four blocks does. */
const choices = fc.array(fc.array(choice, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 3 });

const size = (weight: NetworkWeight) => weight.spec.shape.reduce((product, one) => product * one, 1);
const isStatistic = ({ spec: { role } }: NetworkWeight) => role === 'moving-mean' || role === 'moving-variance';

/** A plan of any kind, not only those that the strategies make. */
function planOf(phases: readonly (readonly Choice[])[]): FreezePlan {
	const { weights } = buildNetwork(spec);
	const groupPlan = (group: string, { trains, moves }: Choice): GroupPlan => {
		const own = weights.filter((weight) => weight.group === group);
		const count = own
			.filter((weight) => learns(trains, weight.spec.role))
			.reduce((sum, weight) => sum + size(weight), 0);
		const statistics = trains !== 'NONE' && moves ? 'TRAIN_STATISTICS' : 'FROZEN_STATISTICS';
		return {
			group,
			trains,
			trainable: trains !== 'NONE',
			learningRate: trains === 'NONE' ? null : 0.01,
			batchNorm: group === 'head' ? null : statistics,
			trainableParameters: count,
			parameters: own.reduce((sum, weight) => sum + size(weight), 0),
		};
	};
	const planned = phases.map((blocks, index): FreezePhase => {
		const head = groupPlan('head', { trains: 'ALL', moves: false });
		const groups = [...blocks.map((one, block) => groupPlan(`block${block + 1}`, one)), head];
		const trainableParameters = groups.reduce((sum, group) => sum + group.trainableParameters, 0);
		return { index, epochs: 1, groups, trainableParameters, stepCost: 0, cachedStepCost: null };
	});
	return { ...spec.plan, phases: planned };
}

describe('any plan', () => {
	it('splits the network so that each layer is in one part and the trunk cannot change', () => {
		fc.assert(
			fc.property(choices, (phases) => {
				const network = buildNetwork(spec);
				for (const phase of planOf(phases).phases) {
					const { trunk, tail, learningRates } = splitNetwork(network, phase);
					expect([...trunk, ...tail]).toEqual(network.layers);
					expect(trunk.flatMap((layer) => layer.weights).filter((one) => learningRates.has(one.name))).toEqual([]);
					const learning = network.weights.filter((weight) => learningRates.has(weight.name));
					expect(learning.reduce((sum, weight) => sum + size(weight), 0)).toBe(phase.trainableParameters);
				}
			}),
		);
	});

	it(
		'changes what may learn and leaves every other bit',
		async () => {
			await fc.assert(
				fc.asyncProperty(choices, fc.boolean(), async (phases, isCached) => {
					const plan = planOf(phases);
					const network = buildNetwork(spec);
					const before = initialWeights(network, spec.seed, null);
					const { result } = await collect({ ...spec, plan }, null, isCached ? {} : { trunkBytes: 0 });
					const { tensors } = readSafetensors(result.checkpoint);
					expect(result.verification.ok).toBe(true);
					for (const weight of network.weights) {
						const now = tensors.get(weight.name);
						const old = before.get(weight.name)?.values ?? new Float32Array();
						const isSame = now !== undefined && Buffer.compare(now.bytes, Buffer.from(old.buffer)) === 0;
						const plans = plan.phases.flatMap((phase) => phase.groups.filter((one) => one.group === weight.group));
						const mayChange = isStatistic(weight)
							? plans.some((one) => one.trains !== 'NONE' && one.batchNorm === 'TRAIN_STATISTICS')
							: plans.some((one) => learns(one.trains, weight.spec.role));
						expect([weight.name, isSame]).toEqual([weight.name, !mayChange]);
						expect(float32(weight.name, now as never).values.every(Number.isFinite)).toBe(true);
					}
				}),
				{ numRuns: 25 },
			);
		},
		patience(30_000),
	);
});
