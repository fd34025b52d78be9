import type { JsonObject } from '@graft/domain/json';
import type { RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../dataset/index.js';
import { buildNetwork } from '../network/network.js';
import { readSafetensors } from '../safetensors/index.js';
import { useBackend } from '../testing/backends-here.js';
import { type Collected, collect } from '../testing/collect.js';
import { runSpec } from '../testing/run-spec.js';
import { tinyDataset } from '../testing/tiny-dataset.js';
import { createBestOfRun } from './best-of-run.js';

let dataset: RunSpec['dataset'];
let target: RunSpec['dataset'];
let remove = () => {};
let pretrained: Uint8Array;

beforeAll(async () => {
	await useBackend();
	({ dataset, remove } = await tinyDataset(20));
	target = { ...dataset, id: 'target' };
	const { result } = await collect(runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' }, seed: 9 }), null);
	pretrained = result.checkpoint;
});
afterAll(() => remove());

/** Steps of an epoch: 20 examples in batches of 8. */
const STEPS = 3;
// A rate that is too high: the curve goes up and down.
const FULL: StrategyInput = { kind: 'FULL_FINE_TUNE', learningRate: 0.1 };
const train = (strategy: StrategyInput, epochs: number, training?: JsonObject): Promise<Collected> =>
	collect(
		runSpec({ dataset, target, strategy, pretrained: true, epochs, batchSize: 8, seed: 3, training }),
		pretrained,
	);
const valuesOf = (run: Collected, key: string) => run.points.filter((one) => one.key === key).map(({ value }) => value);

describe('the best weights of a run', () => {
	it.each<[StrategyInput, JsonObject | undefined]>([
		[FULL, undefined],
		[FULL, { ema: { decay: 0.5 } }],
		[{ kind: 'LORA', rank: 2, learningRate: 0.3 }, undefined],
	])('are the bits that a run would end with that is over after its best epoch: %j %j', async (strategy, training) => {
		const run = await train(strategy, 8, training);
		const accuracies = valuesOf(run, 'val_accuracy');
		// The first of equals.
		const best = accuracies.indexOf(Math.max(...accuracies)) + 1;
		expect(best).toBeLessThan(8);
		expect(run.result.best?.step).toBe(best * STEPS);
		const short = await train(strategy, best, training);
		const [kept, last] = [run.result.best?.checkpoint, short.result.checkpoint];
		expect(Buffer.compare(kept ?? Buffer.of(), last)).toBe(0);
	});

	it('keep what a later phase changes as it was', async () => {
		const strategy: StrategyInput = { kind: 'LP_FT', epochsPerStage: 2, learningRate: 1e-3, backboneLearningRate: 1 };
		const run = await train(strategy, 4);
		expect(run.result.best?.step).toBeLessThanOrEqual(2 * STEPS);
		const name = 'backbone/block1_conv/kernel';
		const [start, best, last] = [pretrained, run.result.best?.checkpoint ?? pretrained, run.result.checkpoint].map(
			(file) => Buffer.from(readSafetensors(file).tensors.get(name)?.bytes ?? []),
		);
		expect(best?.length).toBeGreaterThan(0);
		expect(best).toEqual(start);
		expect(last).not.toEqual(start);
	});

	it('are chosen by what early stopping watches, where it does', async () => {
		// Nothing is so much better: the phase goes back to its first epoch, and the run knows of better ones.
		const training = { earlyStopping: { monitor: 'val_loss', patience: 100, minDelta: 100 } };
		const run = await train({ ...FULL, learningRate: 0.01 }, 6, training);
		const losses = valuesOf(run, 'val_loss');
		expect(run.result.best?.step).toBe((losses.indexOf(Math.min(...losses)) + 1) * STEPS);
	});

	it('are not kept where nothing judges an epoch, or nobody wants them', async () => {
		const loaded = await loadDataset(dataset, {});
		const validation = { count: 0, inputs: new Float32Array(), labels: new Int32Array() };
		const unjudged = { ...loaded, splits: { ...loaded.splits, validation } };
		const spec = runSpec({ dataset, strategy: FULL, pretrained: true, epochs: 2 });
		expect((await collect(spec, pretrained, { dataset: unjudged })).result.best).toBeNull();
		expect((await collect(spec, pretrained)).result.best).not.toBeNull();
		expect((await train(FULL, 2, { keepBest: false })).result.best).toBeNull();
		expect((await train({ kind: 'ADABN' }, 2)).result.best).toBeNull();
	});

	it('are one more copy of what changes, and no more of it in each epoch', async () => {
		const specOf = (keepBest: boolean) =>
			runSpec({ dataset, strategy: FULL, pretrained: true, epochs: 12, batchSize: 8, training: { keepBest } });
		const counts = async (keepBest: boolean) => {
			const seen: number[] = [];
			const spec = specOf(keepBest);
			await collect(spec, pretrained, { onMetrics: () => seen.push(tf.memory().numTensors) });
			return [...new Set(seen.slice(1))];
		};
		const [[without, ...rest], [withBest, ...more]] = [await counts(false), await counts(true)];
		expect([rest, more]).toEqual([[], []]);
		const spec = specOf(true);
		const changing = createBestOfRun(spec, buildNetwork(spec))?.changing.length;
		expect((withBest ?? 0) - (without ?? 0)).toBe(changing);
	});
});
