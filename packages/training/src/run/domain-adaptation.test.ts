import type { RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../dataset/index.js';
import { deepCoral } from '../losses/deep-coral.js';
import { disposeWeights, toDevice } from '../network/device-weights.js';
import { forward } from '../network/forward.js';
import { buildNetwork } from '../network/network.js';
import { type FloatTensor, float32, readSafetensors } from '../safetensors/index.js';
import { useBackend } from '../testing/backends-here.js';
import { type Collected, collect } from '../testing/collect.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { registered, runSpec } from '../testing/run-spec.js';
import { TINY_OPTIONS, temporaryFile, tinyCsv, tinyDataset } from '../testing/tiny-dataset.js';
import { inputsOf, pick, sourceOf } from './example-source.js';

let dataset: RunSpec['dataset'];
/** The same images, washed out: brighter and with less contrast. */
let target: RunSpec['dataset'];
/** More of them than go through the network at once. */
let large: RunSpec['dataset'];
let pretrained: Uint8Array;
const removals: (() => void)[] = [];

beforeAll(async () => {
	await useBackend();
	const made = [await tinyDataset(20), await tinyDataset(20, washedOut), await tinyDataset(400, washedOut)] as const;
	removals.push(...made.map(({ remove }) => remove));
	[dataset, target, large] = [made[0].dataset, { ...made[1].dataset, id: 'dark' }, { ...made[2].dataset, id: 'large' }];
	const spec = runSpec({ dataset, strategy: { kind: 'FROM_SCRATCH', learningRate: 0.01 }, epochs: 12, batchSize: 8 });
	pretrained = (await collect(spec, null)).result.checkpoint;
});
afterAll(() => {
	for (const remove of removals) remove();
});
const washedOut = (cell: number) => cell / 3 + 6.5;

type Request = Omit<Parameters<typeof runSpec>[0], 'dataset'>;
const specOf = (request: Request) => runSpec({ batchSize: 8, target, ...request, dataset, pretrained: true });
const train = (request: Request, extra: Parameters<typeof collect>[2] = {}): Promise<Collected> =>
	collect(specOf(request), pretrained, extra);
const tensorsOf = (file: Uint8Array): ReadonlyMap<string, FloatTensor> =>
	new Map([...readSafetensors(file).tensors].map(([name, tensor]) => [name, float32(name, tensor)]));
const last = ({ points }: Collected, key: string) => points.findLast((point) => point.key === key)?.value;

/** What the layers up to this one (left out: but the last) make of a train split. */
async function outputsOf(file: Uint8Array, of: RunSpec['dataset'], upTo?: string): Promise<tf.Tensor2D> {
	const network = buildNetwork(specOf({ strategy: { kind: 'FULL_FINE_TUNE' } }));
	const end =
		upTo === undefined ? network.layers.length - 1 : network.layers.findIndex(({ name }) => name === upTo) + 1;
	const { splits } = await loadDataset(of);
	const weights = toDevice(tensorsOf(file));
	const inputs = await pick(sourceOf(splits.train, network.inputShape), [...splits.train.labels.keys()]);
	const outputs = tf.tidy(() => {
		const y = forward(network.layers.slice(0, end), weights, inputsOf(inputs));
		return tf.reshape(y, [-1, y.shape.at(-1) ?? 1]) as tf.Tensor2D;
	});
	disposeWeights(weights);
	return outputs;
}

describe('ADABN', () => {
	const strategy: StrategyInput = { kind: 'ADABN', learningRate: 0.05 };

	it.each(['one batch', 'several batches'])(
		'takes the statistics of the target, seen in %s, and nothing else',
		async (seen) => {
			const of = seen === 'one batch' ? target : large;
			const adapted = await train({ strategy, target: of, epochs: 3 });
			const plain = await train({ strategy: { kind: 'FEATURE_EXTRACTION', learningRate: 0.05 }, epochs: 3 });
			const [after, before] = [adapted, plain].map(({ result }) => tensorsOf(result.checkpoint));
			const changed = [...(after ?? [])]
				.filter(
					([name, { values }]) =>
						Buffer.compare(
							Buffer.from(values.buffer),
							Buffer.from(Float32Array.from(before?.get(name)?.values ?? []).buffer),
						) !== 0,
				)
				.map(([name]) => name);
			expect(changed).toHaveLength(8);
			expect(changed.every((name) => name.includes('/moving_'))).toBe(true);
			// The first BatchNorm's inputs depend on no other: its moments are those of the whole target.
			const inputs = await outputsOf(pretrained, of, 'backbone/block1_conv');
			const { mean, variance } = tf.moments(inputs, 0);
			expectClose(after?.get('backbone/block1_bn/moving_mean')?.values ?? [], await mean.data(), 1e-5);
			expectClose(after?.get('backbone/block1_bn/moving_variance')?.values ?? [], await variance.data(), 1e-5);
			tf.dispose([inputs, mean, variance]);
			const { verification } = adapted.result;
			expect(verification.ok).toBe(true);
			expect(verification.groups.map(({ planned, batchNormMoved }) => [planned, batchNormMoved])).toEqual([
				...Array(4).fill(['TARGET_STATISTICS', true]),
				['ALL', false],
			]);
		},
	);

	it('is right about the target where the statistics of the source are not', async () => {
		const plain = await train({ strategy: { kind: 'FEATURE_EXTRACTION', learningRate: 0.05 }, epochs: 10 });
		const adapted = await train({ strategy, epochs: 10 });
		expect(last(plain, 'test_accuracy')).toBe(1);
		expect(last(adapted, 'target_test_accuracy')).toBe(1);
		expect(last(plain, 'target_test_accuracy')).toBeLessThan(0.8);
	});
});

describe('a distance in the loss', () => {
	it.each<StrategyInput>([
		{ kind: 'DEEP_CORAL', options: { weight: 0 } },
		{ kind: 'MMD', options: { weight: 0 } },
		{ kind: 'DANN', options: { weight: 0, hidden: 4 } },
	])('that counts nothing is plain fine-tuning: %j', async (strategy) => {
		const adapted = await train({ strategy, epochs: 2 });
		const plain = await train({ strategy: { kind: 'FULL_FINE_TUNE' }, epochs: 2 });
		const wanted = tensorsOf(plain.result.checkpoint);
		for (const [name, { values }] of tensorsOf(adapted.result.checkpoint)) {
			expectClose(values, wanted.get(name)?.values ?? [], 1e-4);
		}
		expect([...tensorsOf(adapted.result.checkpoint).keys()]).toEqual([...wanted.keys()]);
		expect(last(adapted, 'adaptation_loss')).toBe(0);
		expect(last(plain, 'adaptation_loss')).toBeUndefined();
	});

	it.each<[StrategyInput['kind'], StrategyInput['options']]>([
		['DEEP_CORAL', {}],
		['DEEP_CORAL', { variant: 'tllib' }],
		['MMD', {}],
		['MMD', { estimator: 'biased' }],
	])('draws the domains together: %s %j', async (kind, options) => {
		const apart = async (weight: number) => {
			const strategy = { kind, learningRate: 0.005, options: { ...options, weight } };
			const { result } = await train({ strategy, epochs: 8 });
			const features = [
				await outputsOf(result.checkpoint, dataset),
				await outputsOf(result.checkpoint, target),
			] as const;
			const distance = tf.tidy(() => deepCoral(...features, 'tllib'));
			const [value = Number.NaN] = await distance.data();
			tf.dispose([...features, distance]);
			return value;
		};
		expect(await apart(5)).toBeLessThan(0.5 * (await apart(0)));
	});

	it('DANN: the discriminator learns, reversed gradients hold it back, and it stays out of the result', async () => {
		const told = async (gamma: number) => {
			const options = { hidden: 16, gamma };
			return await train({ strategy: { kind: 'DANN', learningRate: 0.003, options }, epochs: 10 });
		};
		// With gamma 0 nothing comes back to the features: the backbone learns as without a target.
		const [alone, against] = [await told(0), await told(1e5)];
		const plain = await train({ strategy: { kind: 'FULL_FINE_TUNE', learningRate: 0.003 }, epochs: 10 });
		const [kernel] = [plain, alone].map(({ result }) =>
			tensorsOf(result.checkpoint).get('backbone/block4_conv/kernel'),
		);
		const free = tensorsOf(alone.result.checkpoint).get('backbone/block4_conv/kernel')?.values ?? [];
		expectClose(free, kernel?.values ?? [], 1e-3);
		const losses = alone.points.filter((point) => point.key === 'adaptation_loss').map((point) => point.value);
		expect(losses).toHaveLength(10);
		expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0));
		expect(last(against, 'adaptation_loss')).toBeGreaterThan(1.5 * (losses.at(-1) ?? 0));
		const names = [...tensorsOf(alone.result.checkpoint).keys()];
		expect(names.every((name) => name.startsWith('backbone/') || name.startsWith('head/'))).toBe(true);
	});
});

describe('a run with a target', () => {
	it('goes on from any checkpoint as if nothing had happened', async () => {
		const strategy: StrategyInput = { kind: 'DANN', learningRate: 0.003, options: { hidden: 8 } };
		const files: { step: number; file: Uint8Array }[] = [];
		const onCheckpoint = (file: Uint8Array, step: number) => files.push({ step, file });
		const whole = await train({ strategy, epochs: 4 }, { checkpoints: { everySteps: 1, onCheckpoint } });
		for (const { step, file } of files.filter((one) => one.step % 4 === 1)) {
			const rest = await train({ strategy, epochs: 4 }, { resume: file });
			expect(Buffer.compare(rest.result.checkpoint, whole.result.checkpoint)).toBe(0);
			const after = whole.points.filter((point) => point.step > step).map(({ key, value }) => [key, value]);
			expect(rest.points.map(({ key, value }) => [key, value])).toEqual(after);
		}
	});

	it('is judged on the target only where the classes are the same', async () => {
		const renamed = temporaryFile('other.csv', tinyCsv(20).replaceAll('top', 'upper'));
		removals.push(renamed.remove);
		const other = await registered({ uri: renamed.uri, format: 'csv-image', options: TINY_OPTIONS }, 'other');
		const told = await train({ strategy: { kind: 'MMD' }, target: other });
		expect(last(told, 'adaptation_loss')).toBeDefined();
		expect(last(told, 'target_test_accuracy')).toBeUndefined();
	});

	it.each(['ADABN', 'DEEP_CORAL'] as const)('%s needs one', async (kind) => {
		const failed = train({ strategy: { kind }, target: undefined });
		await expect(failed).rejects.toMatchObject({ code: 'DATA', message: expect.stringContaining('the run has none') });
	});

	it('is refused where the target has other inputs', async () => {
		const flat = temporaryFile('flat.csv', tinyCsv(20));
		removals.push(flat.remove);
		const options = { ...TINY_OPTIONS, shape: [2, 8, 1] };
		const other = await registered({ uri: flat.uri, format: 'csv-image', options }, 'flat');
		await expect(train({ strategy: { kind: 'MMD' }, target: other })).rejects.toMatchObject({
			code: 'DATA',
			message: 'The target has inputs of 2 x 8 x 1, and the network takes 4 x 4 x 1.',
		});
	});

	it.each<StrategyInput>([
		{ kind: 'ADABN' },
		{ kind: 'DEEP_CORAL' },
		{ kind: 'MMD' },
		{ kind: 'DANN', options: { hidden: 8 } },
	])('holds as many tensors after an epoch as before, and none after the run: %j', async (strategy) => {
		const before = tf.memory().numTensors;
		const counts: number[] = [];
		await train({ strategy, epochs: 20, batchSize: 5 }, { onMetrics: () => counts.push(tf.memory().numTensors) });
		// Before the first epoch ends there is no best one yet.
		expect(new Set(counts.slice(1, -1)).size).toBe(1);
		expect(tf.memory().numTensors).toBe(before);
	});
});
