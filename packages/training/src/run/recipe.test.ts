import type { JsonObject } from '@graft/domain/json';
import type { RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, readSafetensors } from '../safetensors/index.js';
import { patience, useBackend } from '../testing/backends-here.js';
import { type Collected, collect } from '../testing/collect.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { runSpec } from '../testing/run-spec.js';
import { tinyDataset } from '../testing/tiny-dataset.js';

let dataset: RunSpec['dataset'];
let remove = () => {};
let pretrained: Uint8Array;

beforeAll(async () => {
	await useBackend();
	({ dataset, remove } = await tinyDataset(20));
	const { result } = await collect(runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH' }, epochs: 2, seed: 9 }), null);
	pretrained = result.checkpoint;
});
afterAll(() => remove());

const FULL: StrategyInput = { kind: 'FULL_FINE_TUNE', learningRate: 0.01 };
const PROBE: StrategyInput = { kind: 'FEATURE_EXTRACTION', learningRate: 0.01 };
type Request = Omit<Parameters<typeof runSpec>[0], 'dataset' | 'strategy'>;
/** 20 training examples in batches of 10: two steps an epoch. */
const train = (training: JsonObject, strategy = FULL, more: Request = {}): Promise<Collected> =>
	collect(runSpec({ dataset, strategy, pretrained: true, epochs: 4, batchSize: 10, training, ...more }), pretrained);

const values = ({ points }: Collected, key: string) =>
	points.filter((point) => point.key === key).map((point) => point.value);
const tensor = ({ result }: Collected, name: string): Float32Array => {
	const found = readSafetensors(result.checkpoint).tensors.get(name);
	if (found === undefined) throw new Error(`there is no ${name}`);
	return float32(name, found).values;
};
const sameBytes = (one: Collected, other: Collected) =>
	Buffer.compare(one.result.checkpoint, other.result.checkpoint) === 0;

/** Everything at once, each with something to remember. */
const EVERYTHING: JsonObject = {
	schedule: { kind: 'reduce-on-plateau', monitor: 'train_loss', patience: 1, minDelta: 0.2, factor: 0.5 },
	weightDecay: 0.01,
	gradientClip: 0.5,
	labelSmoothing: 0.1,
	classWeights: 'balanced',
	ema: { decay: 0.9, warmUp: 'timm' },
	mixup: 0.3,
	earlyStopping: { patience: 2, monitor: 'val_accuracy' },
};

describe('settings that say nothing', () => {
	it('are a plain run, bit by bit', async () => {
		const plain = await collect(
			runSpec({ dataset, strategy: FULL, pretrained: true, epochs: 4, batchSize: 10 }),
			pretrained,
		);
		expect(sameBytes(plain, await train({}))).toBe(true);
		expect(sameBytes(plain, await train({ gradientClip: 1e9 }))).toBe(true);
	});
});

describe('the schedule', () => {
	it('is what learning_rate shows, and every phase begins it anew', async () => {
		const strategy: StrategyInput = {
			kind: 'LP_FT',
			epochsPerStage: 2,
			learningRate: 0.01,
			backboneLearningRate: 0.001,
		};
		const run = await train({ schedule: { kind: 'linear' } }, strategy);
		// Four steps a phase; an epoch shows the rate of its second step.
		expectClose(values(run, 'learning_rate'), [0.0075, 0.0025, 0.0075, 0.0025], 1e-12);
	});

	it('scales the rates of all groups: at the factor 0 no bit moves', async () => {
		const run = await train({ schedule: { kind: 'linear', warmUp: 0.99 } }, FULL, { epochs: 1, batchSize: 32 });
		expect(values(run, 'learning_rate')).toEqual([0]);
		const { verification } = run.result;
		expect(verification.groups.filter((group) => group.changed).map((group) => group.group)).toEqual([]);
	});

	it('reduces the rate on a plateau', async () => {
		const schedule = { kind: 'reduce-on-plateau', patience: 1, minDelta: 100, factor: 0.1 };
		expectClose(values(await train({ schedule }), 'learning_rate'), [0.01, 0.01, 0.001, 0.0001], 1e-12);
	});

	it('has one-cycle turn the momentum, too', async () => {
		const schedule = { kind: 'one-cycle', momentum: { high: 0.95, low: 0.5 } };
		const [turned, still] = [await train({ schedule }), await train({ schedule: { kind: 'one-cycle' } })];
		expect(values(turned, 'learning_rate')).toEqual(values(still, 'learning_rate'));
		expect(sameBytes(turned, still)).toBe(false);
	});
});

describe('weight decay', () => {
	it('shrinks kernels by rate times decay, and neither vectors nor what is frozen', async () => {
		// A rate so small that gradients are lost in it, with a decay that is not.
		const strategy: StrategyInput = { kind: 'FEATURE_EXTRACTION', learningRate: 1e-10 };
		const sgd = { kind: 'sgd', momentum: 0, nesterov: false } as const;
		const plain = await train({}, strategy, { optimizer: sgd, epochs: 1 });
		const decayed = await train(
			{ weightDecay: 10 },
			{ ...strategy, learningRate: 1e-3 },
			{ optimizer: sgd, epochs: 1 },
		);
		const [before, after] = [tensor(plain, 'head/logits/kernel'), tensor(decayed, 'head/logits/kernel')];
		const norm = (of: Float32Array) => Math.hypot(...of);
		// Two steps, each times 1 - 1e-3 * 10.
		expect(norm(after) / norm(before)).toBeCloseTo(0.99 ** 2, 2);
		const undecayed = await train({}, { ...strategy, learningRate: 1e-3 }, { optimizer: sgd, epochs: 1 });
		expectClose(tensor(decayed, 'head/logits/bias'), tensor(undecayed, 'head/logits/bias'), 1e-4);
		expect(decayed.result.verification.ok).toBe(true);
	});
});

describe('early stopping', () => {
	it('ends a phase before its time, and what is left to do shrinks with it', async () => {
		const strategy: StrategyInput = {
			kind: 'LP_FT',
			epochsPerStage: 6,
			learningRate: 0.5,
			backboneLearningRate: 1e-12,
		};
		// Nothing is so much better: the first epoch stays the best one.
		const stopping = { patience: 2, minDelta: 100, phases: [1] };
		const run = await train({ earlyStopping: stopping }, strategy, { epochs: 8 });
		const ended = run.events.filter((event) => event.kind === 'PHASE_FINISHED').map((event) => event.data);
		const [probe] = ended as { epochs: number; bestEpoch: number }[];
		expect(probe).toMatchObject({ epochs: 3, bestEpoch: 1 });
		// Three epochs of the probe, and the two of the second phase.
		expect(values(run, 'epoch')).toEqual([1, 2, 3, 4, 5]);
		expect(run.progress.at(-1)).toMatchObject({
			epochs: 5,
			step: run.result.steps,
			etaSeconds: 0,
		});
		expect(run.result.steps).toBe(10);
	});

	it('restores the weights that were validated best', async () => {
		// A rate that is far too high: the loss goes up and down.
		const strategy: StrategyInput = { ...PROBE, learningRate: 1 };
		const run = await train({ earlyStopping: { patience: 3 } }, strategy, { epochs: 8 });
		const losses = values(run, 'val_loss');
		const best = losses.indexOf(Math.min(...losses)) + 1;
		const [ended] = run.events.filter((event) => event.kind === 'PHASE_FINISHED').map((event) => event.data);
		expect(ended).toMatchObject({ bestEpoch: best });
		// The same run, ended at its best epoch: the same bits.
		const short = await train({}, strategy, { epochs: best });
		expect(tensor(run, 'head/logits/kernel')).toEqual(tensor(short, 'head/logits/kernel'));
		expect(run.result.summary.testLoss).toBe(short.result.summary.testLoss);
	});
});

describe('the average of the weights', () => {
	it('is what is validated, tested and kept', async () => {
		const steps = 3;
		const decay = 0.5;
		const after = async (epochs: number, training: JsonObject) =>
			tensor(await train(training, PROBE, { epochs, batchSize: 32 }), 'head/logits/kernel');
		const weights = [];
		for (let epochs = 1; epochs <= steps; epochs++) weights.push(await after(epochs, {}));
		// One step an epoch: the average by hand over the weights after each.
		let average = weights[0] ?? new Float32Array();
		for (const next of weights.slice(1))
			average = average.map((old, at) => decay * old + (1 - decay) * (next[at] ?? 0));
		expectClose(await after(steps, { ema: { decay } }), average, 1e-6);
	});

	it('with hardly any decay is the weights themselves', async () => {
		const [averaged, plain] = [await train({ ema: { decay: 1e-9 } }), await train({})];
		expectClose(tensor(averaged, 'head/logits/kernel'), tensor(plain, 'head/logits/kernel'), 1e-6);
		expectClose(values(averaged, 'val_loss'), values(plain, 'val_loss'), 1e-4);
	});
});

describe('all of it together', () => {
	it('gives the same bits again, and keeps what the plan freezes', async () => {
		const strategy: StrategyInput = { kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3', learningRate: 0.01 };
		const [one, two] = [await train(EVERYTHING, strategy), await train(EVERYTHING, strategy)];
		expect(sameBytes(one, two)).toBe(true);
		expect(one.points.map(({ value }) => value)).toEqual(two.points.map(({ value }) => value));
		expect(one.result.verification.ok).toBe(true);
		expect(one.events.map((event) => event.kind)).not.toContain('TRUNK_CACHED');
	});

	it(
		'goes on from any checkpoint to the same bits and points',
		async () => {
			const strategy: StrategyInput = { kind: 'LP_FT', epochsPerStage: 3, learningRate: 0.01 };
			// Nothing is so much better: each phase ends after its second epoch and goes back to its first.
			const training = { ...EVERYTHING, earlyStopping: { patience: 1, minDelta: 100 } };
			const spec = runSpec({ dataset, strategy, pretrained: true, epochs: 6, batchSize: 10, training });
			const saved: { file: Uint8Array; step: number }[] = [];
			const onCheckpoint = (file: Uint8Array, step: number) => void saved.push({ file, step });
			const whole = await collect(spec, pretrained, { checkpoints: { everySteps: 1, onCheckpoint } });
			expect(whole.result.steps).toBe(8);
			expect(saved.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
			for (const { file, step } of saved) {
				const rest = await collect(spec, pretrained, { resume: file });
				expect(sameBytes(rest, whole)).toBe(true);
				const later = whole.points.filter((point) => point.step > step);
				expect(rest.points.map(({ key, value }) => [key, value])).toEqual(later.map(({ key, value }) => [key, value]));
				if (step < 8) expect(rest.progress.at(-1)).toMatchObject({ epochs: 4, step: 8, steps: 8 });
			}
		},
		patience(30_000),
	);

	it('holds as many tensors after each epoch, and none after the run', async () => {
		const before = tf.memory().numTensors;
		const counts: number[] = [];
		const training = { ...EVERYTHING, earlyStopping: { patience: 100 } };
		const spec = runSpec({ dataset, strategy: FULL, pretrained: true, epochs: 20, batchSize: 4, training });
		await collect(spec, pretrained, { onMetrics: () => counts.push(tf.memory().numTensors) });
		// Before the first epoch ends there is no best one yet.
		expect(new Set(counts.slice(1, -1)).size).toBe(1);
		expect(tf.memory().numTensors).toBe(before);
	});
});
