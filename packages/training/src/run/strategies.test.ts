import { HEAD_GROUP } from '@graft/domain/architecture';
import { adapterScale } from '@graft/domain/freeze-plan';
import type { RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../checkpoint/index.js';
import { loadDataset } from '../dataset/index.js';
import { disposeWeights, toDevice } from '../network/device-weights.js';
import { forward } from '../network/forward.js';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { type FloatTensor, float32, readSafetensors } from '../safetensors/index.js';
import { useBackend } from '../testing/backends-here.js';
import { type Collected, collect } from '../testing/collect.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { runSpec } from '../testing/run-spec.js';
import { tinyDataset } from '../testing/tiny-dataset.js';
import { inputsOf, pick, sourceOf } from './example-source.js';
import { stepNetworks } from './step-network.js';

let dataset: RunSpec['dataset'];
let remove = () => {};
let pretrained: Uint8Array;

beforeAll(async () => {
	await useBackend();
	({ dataset, remove } = await tinyDataset(20));
	const { result } = await train({ strategy: { kind: 'FROM_SCRATCH', learningRate: 0.01 }, epochs: 4, seed: 99 }, null);
	pretrained = result.checkpoint;
});
afterAll(() => remove());

type Request = Omit<Parameters<typeof runSpec>[0], 'dataset'>;
const specOf = (request: Request, isPretrained = true) =>
	runSpec({ batchSize: 8, ...request, dataset, pretrained: isPretrained });
const train = (request: Request, weights: Uint8Array | null = pretrained): Promise<Collected> =>
	collect(specOf(request, weights !== null), weights);

function tensorsOf(file: Uint8Array): ReadonlyMap<string, FloatTensor> {
	return new Map([...readSafetensors(file).tensors].map(([name, tensor]) => [name, float32(name, tensor)]));
}
const valuesOf = (file: Uint8Array, name: string) => tensorsOf(file).get(name)?.values ?? new Float32Array();
const isHead = (name: string) => name.startsWith(`${HEAD_GROUP}/`);

const bytesOf = (tensor: FloatTensor | undefined) => Buffer.from(Float32Array.from(tensor?.values ?? []).buffer);

/** Outputs for the test split, by a network built for the spec with these tensors. */
async function outputsOf(spec: RunSpec, tensors: ReadonlyMap<string, FloatTensor>): Promise<ArrayLike<number>> {
	const network = buildNetwork(spec);
	const { splits } = await loadDataset(spec.dataset);
	const weights = toDevice(new Map(network.weights.map(({ name }) => [name, tensors.get(name) as FloatTensor])));
	const all = await pick(sourceOf(splits.test, network.inputShape), [...splits.test.labels.keys()]);
	const outputs = tf.tidy(() => forward(network.layers, weights, inputsOf(all)));
	const values = await outputs.data();
	tf.dispose(outputs);
	disposeWeights(weights);
	return values;
}

describe('LORA', () => {
	const strategy: StrategyInput = { kind: 'LORA', rank: 3, alpha: 6, learningRate: 0.02 };

	it('begins with the very outputs of the backbone it adapts', async () => {
		const plain = specOf({ strategy: { kind: 'FULL_FINE_TUNE' } });
		const adapted = specOf({ strategy });
		const of = (spec: RunSpec) => outputsOf(spec, initialWeights(buildNetwork(spec), 7, pretrained));
		expect(await of(adapted)).toEqual(await of(plain));
	});

	it('draws A within 1 / sqrt(rows), and begins B at 0', () => {
		const spec = specOf({ strategy: { kind: 'LORA', rank: 16 } });
		const start = initialWeights(buildNetwork(spec), 1, pretrained);
		const a = start.get('backbone/block3_conv/lora_a')?.values ?? new Float32Array();
		expect(a).toHaveLength(9 * 32 * 16);
		const limit = 1 / Math.sqrt(9 * 32);
		expect(Math.max(...a.map(Math.abs))).toBeLessThanOrEqual(limit);
		expect(Math.max(...a)).toBeGreaterThan(0.95 * limit);
		expect(new Set(start.get('backbone/block3_conv/lora_b')?.values)).toEqual(new Set([0]));
	});

	it('leaves every bit of the backbone until its kernels take the updates up', async () => {
		const { result } = await train({ strategy, epochs: 5 });
		expect(result.verification).toMatchObject({ ok: true });
		expect(result.verification.groups.map((group) => group.planned)).toEqual([...Array(4).fill('LORA'), 'ALL']);
		const scale = adapterScale(specOf({ strategy }).strategy);
		expect(scale).toBe(2);
		const [before, after] = [tensorsOf(pretrained), tensorsOf(result.checkpoint)];
		for (const [name, { values }] of before) {
			if (isHead(name)) continue;
			const now = after.get(name)?.values ?? new Float32Array();
			if (!name.endsWith('/kernel')) {
				expect([name, now]).toEqual([name, values]);
				continue;
			}
			const [a, b] = ['lora_a', 'lora_b'].map((one) => after.get(name.replace('kernel', one)) as FloatTensor);
			const factors = [a, b].map((one) => tf.tensor2d(one?.values ?? [], one?.shape as [number, number]));
			const whole = tf.matMul(...(factors as [tf.Tensor2D, tf.Tensor2D]));
			const product = await whole.data();
			tf.dispose([...factors, whole]);
			expectClose(
				now,
				values.map((value, index) => value + scale * (product[index] ?? 0)),
				1e-6,
			);
			expect(now).not.toEqual(values);
		}
	});

	it('gives the same outputs merged as it gave adapted, and another run can begin with the file', async () => {
		const { result } = await train({ strategy, epochs: 5 });
		const after = tensorsOf(result.checkpoint);
		const plain = specOf({ strategy: { kind: 'FULL_FINE_TUNE' } });
		// The kernels before the merge are the start's.
		const unmerged = new Map(
			[...after].map(([name, tensor]) => [name, isHead(name) ? tensor : (tensorsOf(pretrained).get(name) ?? tensor)]),
		);
		expectClose(await outputsOf(plain, after), await outputsOf(specOf({ strategy }), unmerged), 1e-4);
		const again = initialWeights(buildNetwork(specOf({ strategy })), 3, result.checkpoint);
		expect(again.get('backbone/block2_conv/kernel')?.values).toEqual(after.get('backbone/block2_conv/kernel')?.values);
		expect(new Set(again.get('backbone/block2_conv/lora_b')?.values)).toEqual(new Set([0]));
	});

	it('adapts the named layers alone, and computes the trunk below them once', async () => {
		const { result, events } = await train({ strategy: { ...strategy, options: { targets: ['block4_conv'] } } });
		const added = [...tensorsOf(result.checkpoint).keys()].filter((name) => name.includes('lora'));
		expect(added).toEqual(['backbone/block4_conv/lora_a', 'backbone/block4_conv/lora_b']);
		expect(events.map((event) => event.kind)).toContain('TRUNK_CACHED');
	});
});

describe('L2_SP', () => {
	const sgd = { kind: 'sgd', momentum: 0, nesterov: false } as const;
	const distance = (file: Uint8Array): number => {
		const before = tensorsOf(pretrained);
		const squares = [...tensorsOf(file)].map(([name, { values }]) => {
			const old = isHead(name) ? values : (before.get(name)?.values ?? values);
			return values.reduce((sum, value, index) => sum + (value - (old[index] ?? 0)) ** 2, 0);
		});
		return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
	};

	it('takes the step of the reference: w - rate (gradient + alpha (w - w0)), beta w for the head', async () => {
		// Two steps by SGD, each on all examples, with pull and without: both take the same first step in the backbone.
		const request = { epochs: 1, batchSize: 1000, optimizer: sgd };
		const rates = { learningRate: 0.1, backboneLearningRate: 0.1 };
		const one = await train({ ...request, strategy: { kind: 'L2_SP', alpha: 0.5, options: { beta: 0.25 }, ...rates } });
		const plain = await train({ ...request, strategy: { kind: 'FULL_FINE_TUNE', ...rates } });
		const kernel = 'backbone/block2_conv/kernel';
		expectClose(valuesOf(one.result.checkpoint, kernel), valuesOf(plain.result.checkpoint, kernel), 1e-7);
		const head = 'head/logits/kernel';
		const start = initialWeights(buildNetwork(specOf({ strategy: { kind: 'L2_SP' } })), 0, pretrained).get(
			head,
		)?.values;
		const wanted = valuesOf(plain.result.checkpoint, head).map((w, at) => w - 0.1 * 0.25 * (start?.[at] ?? 0));
		expectClose(valuesOf(one.result.checkpoint, head), wanted, 1e-6);
	});

	it('stays the nearer to the start the stronger it is drawn', async () => {
		const away = async (alpha: number) => {
			const strategy = { kind: 'L2_SP', alpha, learningRate: 0.02 } as const;
			return distance((await train({ strategy, epochs: 4, optimizer: sgd })).result.checkpoint);
		};
		const [weak, middle, strong] = [await away(1e-6), await away(1), await away(20)];
		expect(middle).toBeLessThan(weak);
		expect(strong).toBeLessThan(0.5 * middle);
	});
});

describe('LP_FT', () => {
	it('begins its second phase with the head of the probe, bit by bit', async () => {
		const learningRate = 0.01;
		const probe = await train({ strategy: { kind: 'FEATURE_EXTRACTION', learningRate }, epochs: 3 });
		const spec = specOf({ strategy: { kind: 'LP_FT', learningRate, epochsPerStage: 3 }, epochs: 4 });
		// A second phase whose rates are too small to move a number shows what it began with.
		const [first, second] = spec.plan.phases;
		if (first === undefined || second === undefined) throw new Error('LP_FT has two phases');
		const still = { ...second, groups: second.groups.map((group) => ({ ...group, learningRate: 1e-30 })) };
		const { result } = await collect({ ...spec, plan: { ...spec.plan, phases: [first, still] } }, pretrained);
		for (const name of ['head/logits/kernel', 'head/logits/bias']) {
			expect(valuesOf(result.checkpoint, name)).toEqual(valuesOf(probe.result.checkpoint, name));
		}
	});
});

describe('FREEZE_OUT', () => {
	it('freezes one group after the other, from the stem, and anneals the others to their own ends', () => {
		const spec = specOf({ strategy: { kind: 'FREEZE_OUT', options: { t0: 0.5, schedule: 'linear' } }, epochs: 10 });
		const [phase] = spec.plan.phases;
		if (phase === undefined) throw new Error('no phase');
		const network = buildNetwork(spec);
		const { at } = stepNetworks({ spec, network, totalSteps: 1000 }, phase);
		const frozen = (step: number) => [...at(step).frozen];
		// Groups end at .5, .625, .75 and .875 of the run.
		expect([0, 499, 500, 624, 625, 750, 875, 999].map((step) => frozen(step).length)).toEqual([0, 0, 1, 1, 2, 3, 4, 4]);
		expect(frozen(999)).toEqual(['block1', 'block2', 'block3', 'block4']);
		for (let step = 0; step < 1000; step += 37) {
			const { learningRates, trunk, tail } = at(step);
			expect([...learningRates.values()].every((rate) => rate > 0)).toBe(true);
			const trunkNames = new Set(trunk.flatMap(({ weights }) => weights.map(({ name }) => name)));
			expect([...learningRates.keys()].some((name) => trunkNames.has(name))).toBe(false);
			expect([...trunk, ...tail]).toEqual(network.layers);
			for (const [name, rate] of learningRates) {
				const group = network.weights.find((weight) => weight.name === name)?.group;
				const plan = phase.groups.find((one) => one.group === group);
				const done = step / 1000 / (plan?.freezesAt ?? 1);
				expect(rate).toBeCloseTo((plan?.learningRate ?? 0) * 0.5 * (1 + Math.cos(Math.PI * done)), 12);
			}
		}
	});

	it('trains, and a group that has frozen moves no further', async () => {
		const strategy = { kind: 'FREEZE_OUT', learningRate: 0.01, options: { t0: 0.5, schedule: 'linear' } } as const;
		const steps: ReadonlyMap<string, FloatTensor>[] = [];
		const { result } = await collect(specOf({ strategy, epochs: 6 }), pretrained, {
			checkpoints: { everySteps: 1, onCheckpoint: (file) => steps.push(readCheckpoint(file).weights) },
		});
		expect(result.verification.ok).toBe(true);
		expect(result.verification.groups.every((group) => group.changed)).toBe(true);
		// 18 steps: block1 ends at the 9th, block2 at 11.25, block3 at 13.5, block4 at 15.75.
		const end = tensorsOf(result.checkpoint);
		const moves = (name: string, step: number) =>
			Buffer.compare(bytesOf(steps[step - 1]?.get(name)), bytesOf(end.get(name))) !== 0;
		for (const [block, last] of [9, 12, 14, 16].entries()) {
			const name = `backbone/block${block + 1}_conv/kernel`;
			expect([name, moves(name, last - 1), moves(name, last)]).toEqual([name, true, false]);
		}
	});
});
