import { HEAD_GROUP } from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../safetensors/index.js';
import { useBackend } from '../testing/backends-here.js';
import { type Collected, collect } from '../testing/collect.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { digits, runSpec } from '../testing/run-spec.js';
import { tinyDataset } from '../testing/tiny-dataset.js';

let dataset: RunSpec['dataset'];
let remove = () => {};
/** Weights of a pretrained backbone. */
let pretrained: Uint8Array;

beforeAll(async () => {
	await useBackend();
	({ dataset, remove } = await tinyDataset(20));
	const { result } = await train({ strategy: { kind: 'FROM_SCRATCH', learningRate: 0.01 }, epochs: 4, seed: 99 }, null);
	pretrained = result.checkpoint;
});
afterAll(() => remove());

type Request = Omit<Parameters<typeof runSpec>[0], 'dataset'>;
const train = (request: Request, weights: Uint8Array | null = pretrained, trunkBytes?: number): Promise<Collected> =>
	collect(runSpec({ batchSize: 8, ...request, dataset, pretrained: weights !== null }), weights, { trunkBytes });

/** Names of the tensors whose bytes differ. */
function changed(before: Uint8Array, after: Uint8Array): string[] {
	const old = readSafetensors(before).tensors;
	return [...readSafetensors(after).tensors]
		.filter(([name, { bytes }]) => Buffer.compare(bytes, old.get(name)?.bytes ?? new Uint8Array()) !== 0)
		.map(([name]) => name);
}
const groupsOf = (names: readonly string[]) => new Set(names.map((name) => /block\d|head/.exec(name)?.[0]));

describe('what learns', () => {
	it.each<[StrategyInput, string[]]>([
		[{ kind: 'FROM_SCRATCH' }, ['block1', 'block2', 'block3', 'block4', 'head']],
		[{ kind: 'FULL_FINE_TUNE' }, ['block1', 'block2', 'block3', 'block4', 'head']],
		[{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3' }, ['block3', 'block4', 'head']],
		[{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block4' }, ['block4', 'head']],
		[{ kind: 'FEATURE_EXTRACTION' }, ['head']],
		[{ kind: 'SURGICAL', unfreezeFrom: 'block2' }, ['block2', 'head']],
		[{ kind: 'GRADUAL_UNFREEZE' }, ['block1', 'block2', 'block3', 'block4', 'head']],
	])('%j changes these groups and no bit of the others', async (strategy, groups) => {
		const { result } = await train({ strategy, epochs: 4 });
		expect(groupsOf(changed(pretrained, result.checkpoint))).toEqual(new Set(groups));
		const { verification } = result;
		expect(verification.ok).toBe(true);
		const moved = verification.groups.filter((group) => group.changed).map((group) => group.group);
		expect(moved).toEqual(groups);
		expect(verification.groups.filter((group) => group.planned !== 'frozen').map((one) => one.group)).toEqual(groups);
	});

	it('BatchNorm keeps its statistics while it learns gamma and beta, or moves them, as the plan says', async () => {
		const statistics = async (batchNorm: 'FROZEN_STATISTICS' | 'TRAIN_STATISTICS') => {
			const { result } = await train({ strategy: { kind: 'FULL_FINE_TUNE', batchNorm } });
			const names = changed(pretrained, result.checkpoint);
			expect(names).toContain('backbone/block2_bn/gamma');
			const moved = result.verification.groups.filter((group) => group.batchNormMoved).length;
			return [names.filter((name) => name.includes('moving')).length, moved];
		};
		expect(await statistics('FROZEN_STATISTICS')).toEqual([0, 0]);
		expect(await statistics('TRAIN_STATISTICS')).toEqual([8, 4]);
	});

	it('BATCH_NORM_ONLY and BITFIT learn their variables alone', async () => {
		const variables = async (kind: 'BATCH_NORM_ONLY' | 'BITFIT') => {
			const { result } = await train({ strategy: { kind } });
			const backbone = changed(pretrained, result.checkpoint).filter((name) => name.startsWith('backbone/'));
			return new Set(backbone.map((name) => name.split('/').at(-1)));
		};
		expect(await variables('BATCH_NORM_ONLY')).toEqual(new Set(['gamma', 'beta']));
		expect(await variables('BITFIT')).toEqual(new Set(['beta']));
	});

	it('starts from random weights for FROM_SCRATCH on a backbone that has weights', async () => {
		const strategy: StrategyInput = { kind: 'FROM_SCRATCH' };
		const [withWeights, without] = [await train({ strategy }), await train({ strategy }, null)];
		expect(changed(withWeights.result.checkpoint, without.result.checkpoint)).toEqual([]);
	});
});

describe('the trunk computed once', () => {
	it.each<StrategyInput>([
		{ kind: 'FEATURE_EXTRACTION', learningRate: 0.01 },
		{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3', learningRate: 0.01 },
		{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block4', batchNorm: 'TRAIN_STATISTICS', learningRate: 0.01 },
		{ kind: 'GRADUAL_UNFREEZE', learningRate: 0.01 },
	])('gives the same numbers as computing it in each step: %j', async (strategy) => {
		const request = { strategy, epochs: 6, head: { pooling: 'average', hidden: [6], dropout: 0.3 } as const };
		const cached = await train(request);
		const uncached = await train(request, pretrained, 0);
		expect(cached.events.filter((event) => event.kind === 'TRUNK_CACHED').length).toBeGreaterThan(0);
		expect(uncached.events.filter((event) => event.kind === 'TRUNK_CACHED').length).toBe(0);
		expect(cached.points.map((point) => point.key)).toEqual(uncached.points.map((point) => point.key));
		expectClose(
			cached.points.map((point) => point.value),
			uncached.points.map((point) => point.value),
			1e-5,
		);
	});
});

describe('the seed', () => {
	it('decides every bit', async () => {
		const head = { pooling: 'average', hidden: [5], dropout: 0.5 } as const;
		const request = { strategy: { kind: 'FULL_FINE_TUNE' }, epochs: 3, head, trainExamplesPerClass: 6 } as const;
		const [one, same, other] = [
			await train({ ...request, seed: 1 }),
			await train({ ...request, seed: 1 }),
			await train({ ...request, seed: 2 }),
		];
		expect(Buffer.compare(one.result.checkpoint, same.result.checkpoint)).toBe(0);
		expect(one.points.map((point) => point.value)).toEqual(same.points.map((point) => point.value));
		expect(changed(one.result.checkpoint, other.result.checkpoint)).toContain('head/logits/kernel');
	});

	it('gives every strategy the same labels, order and head to begin with', async () => {
		// With a rate that moves nothing, the first epoch's loss tells the labels and the head.
		const first = async (strategy: StrategyInput) => {
			const { points } = await train({ strategy, seed: 5, trainExamplesPerClass: 4 });
			return points.find((point) => point.key === 'train_loss')?.value ?? Number.NaN;
		};
		const rates = { learningRate: 1e-12 };
		const frozen = await first({ kind: 'FEATURE_EXTRACTION', ...rates });
		expectClose([await first({ kind: 'FULL_FINE_TUNE', ...rates })], [frozen], 1e-5);
		expectClose([await first({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block2', ...rates })], [frozen], 1e-5);
	});
});

describe('memory', () => {
	it('holds as many tensors after a step as before, and none after the run', async () => {
		const before = tf.memory().numTensors;
		const counts: number[] = [];
		const spec = runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' }, epochs: 40, batchSize: 4 });
		await collect(spec, null, { onMetrics: () => counts.push(tf.memory().numTensors) });
		// Before the first epoch ends there is no best one yet.
		expect(new Set(counts.slice(1)).size).toBe(1);
		expect(tf.memory().numTensors).toBe(before);
	});

	it('is given back by a run that was stopped', async () => {
		const before = tf.memory().numTensors;
		const controller = new AbortController();
		const spec = runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' }, epochs: 50 });
		const stopped = collect(spec, null, { signal: controller.signal, onMetrics: () => controller.abort() });
		await expect(stopped).rejects.toMatchObject({ name: 'GraftError', code: 'CANCELLED' });
		expect(tf.memory().numTensors).toBe(before);
	});
});

describe('what ends a run', () => {
	it('a signal, within a step and with its own reason', async () => {
		const controller = new AbortController();
		const steps: number[] = [];
		const spec = runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' }, epochs: 50, batchSize: 4 });
		const stopped = collect(spec, null, {
			signal: controller.signal,
			onProgress: ({ step }) => {
				steps.push(step ?? 0);
				controller.abort(new GraftError('SHUTDOWN', 'the trainer stops'));
			},
		});
		await expect(stopped).rejects.toMatchObject({ code: 'SHUTDOWN', message: 'the trainer stops' });
		expect(steps).toEqual([1]);
	});

	it('a loss that is no number', async () => {
		const kinds: string[] = [];
		const sgd = { kind: 'sgd', momentum: 0, nesterov: false } as const;
		const strategy = { kind: 'FEATURE_EXTRACTION', learningRate: 1e38 } as const;
		const spec = runSpec({ dataset, strategy, optimizer: sgd, epochs: 5 });
		const failed = collect(spec, null, { onEvent: (event) => kinds.push(event.kind) });
		await expect(failed).rejects.toMatchObject({
			code: 'DIVERGED',
			message: expect.stringMatching(/^The loss is (NaN|Infinity) at step \d .* lower the learning rate/),
		});
		expect(kinds).toContain('DIVERGED');
	});

	it('weights that are no numbers, although relu hides them from the loss', async () => {
		const spec = runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH', learningRate: 1e30 }, epochs: 5 });
		await expect(collect(spec, null)).rejects.toMatchObject({
			code: 'DIVERGED',
			// Relu turns NaN into 0 in WebAssembly; elsewhere, and with some drivers of WebGPU, the loss tells it first.
			message: expect.stringMatching(
				tf.getBackend() === 'wasm' ? /^Weight backbone\/block\d_.* is no longer a number/ : /no longer a number|is NaN/,
			),
		});
	});

	it('weights that do not fit, by name', async () => {
		const tensors = new Map([['backbone/block1_conv/kernel', { shape: [1], values: new Float32Array(1) }]]);
		await expect(train({ strategy: { kind: 'FULL_FINE_TUNE' } }, writeSafetensors(tensors))).rejects.toMatchObject({
			code: 'DATA',
			message: expect.stringMatching(
				/block1_conv\/kernel is 1 instead of 3 x 3 x 1 x 32; .*block1_bn\/gamma is missing/,
			),
		});
	});

	it('weights that are needed and were not given', async () => {
		const spec = runSpec({ dataset, strategy: { kind: 'FULL_FINE_TUNE' }, pretrained: true });
		await expect(collect(spec, null)).rejects.toMatchObject({ code: 'BUG' });
	});

	it('a plan that counts other numbers than the network has', async () => {
		const spec = runSpec({ dataset, strategy: { kind: 'FULL_FINE_TUNE' } });
		const phases = spec.plan.phases.map((phase) => ({ ...phase, trainableParameters: 1 }));
		await expect(collect({ ...spec, plan: { ...spec.plan, phases } }, null)).rejects.toMatchObject({
			code: 'PLAN_VIOLATED',
		});
	});
});

describe('beside the steps', () => {
	it('the process goes on with its other work', async () => {
		let ticks = 0;
		const timer = setInterval(() => ticks++, 1);
		await train({ strategy: { kind: 'FROM_SCRATCH' }, epochs: 20 });
		clearInterval(timer);
		expect(ticks).toBeGreaterThan(10);
	});

	it('metrics, progress and events tell what happens, in order', async () => {
		const { points, progress, events, result } = await train({
			strategy: { kind: 'LP_FT', epochsPerStage: 2 },
			epochs: 5,
		});
		expect(events.map((event) => event.kind)).toEqual([
			'PHASE_STARTED',
			'TRUNK_CACHED',
			'PHASE_FINISHED',
			'PHASE_STARTED',
			'PHASE_FINISHED',
			'PLAN_VERIFIED',
		]);
		// 20 training examples in batches of 8 are 3 steps an epoch.
		const at = (key: string) => points.filter((point) => point.key === key).map((point) => point.step);
		for (const key of [
			'epoch',
			'train_loss',
			'train_accuracy',
			'val_loss',
			'val_accuracy',
			'learning_rate',
			'examples',
		]) {
			expect(at(key)).toEqual([3, 6, 9, 12, 15]);
		}
		expect(at('test_accuracy')).toEqual([15]);
		expect(result.steps).toBe(15);
		expect(progress.at(-1)).toMatchObject({ phase: 1, epoch: 5, epochs: 5, step: 15, steps: 15, etaSeconds: 0 });
	});

	it('a checkpoint holds every tensor of backbone and head', async () => {
		const names = [...readSafetensors(pretrained).tensors.keys()];
		expect(names.filter((name) => name.startsWith(`${HEAD_GROUP}/`))).toEqual([
			'head/logits/bias',
			'head/logits/kernel',
		]);
		expect(names.filter((name) => name.startsWith('backbone/')).length).toBe(4 * 5);
	});
});

describe('real images', () => {
	it('digits are learned from scratch', async () => {
		const spec = runSpec({ dataset: await digits(['0', '1']), strategy: { kind: 'FROM_SCRATCH' }, epochs: 2 });
		const { result } = await collect(spec, null);
		expect(result.summary.testAccuracy).toBeGreaterThan(0.97);
	});
});
