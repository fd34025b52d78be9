import { mulberry32 } from '@graft/domain/random';
import type { RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Examples, LoadedDataset } from '../dataset/index.js';
import { patience, useBackend } from '../testing/backends-here.js';
import { collect } from '../testing/collect.js';
import { runSpec } from '../testing/run-spec.js';

beforeAll(async () => void (await useBackend()));

const SHAPE = [32, 32, 3];
const CLASSES = ['dark', 'bright'];

/** Noise, darker or brighter. */
function images(count: number, seed: number): Examples {
	const random = mulberry32(seed);
	const labels = Int32Array.from({ length: count }, (_, index) => index % 2);
	const size = SHAPE.reduce((product, one) => product * one, 1);
	const inputs = Float32Array.from(
		{ length: count * size },
		(_, at) => random() + (labels[Math.floor(at / size)] ?? 0) - 1,
	);
	return { count, inputs, labels };
}
const splits = { train: images(8, 1), validation: images(4, 2), test: images(4, 3) };
const dataset: LoadedDataset = { version: 'images', classes: CLASSES, inputShape: SHAPE, splits, attribution: null };
const registeredImages: RunSpec['dataset'] = {
	...{ id: 'images', name: 'images', version: 'images', task: 'CLASSIFICATION', classes: CLASSES },
	splits: [{ name: 'train', examples: 8, classCounts: [4, 4] }],
	input: { shape: SHAPE, preprocessing: null, tokenizer: null, maxLength: null },
	...{ uri: 'memory:', format: 'images', options: {} },
};
const specOf = (strategy: StrategyInput, epochs: number) =>
	runSpec({ dataset: registeredImages, architecture: 'mobilenet-v2', strategy, epochs, batchSize: 8 });

describe('MobileNetV2', () => {
	it(
		'learns as a whole, and moves the statistics of each BatchNorm',
		async () => {
			const { result, points } = await collect(specOf({ kind: 'FROM_SCRATCH', learningRate: 1e-3 }, 6), null, {
				dataset,
			});
			const losses = points.filter(({ key }) => key === 'train_loss').map(({ value }) => value);
			expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 10);
			expect(result.verification.ok).toBe(true);
			const groups = result.verification.groups.filter(({ group }) => group !== 'head');
			expect(groups.every(({ changed, batchNormMoved }) => changed && batchNormMoved)).toBe(true);
		},
		patience(60_000),
	);

	it(
		'is cut inside of a block, and gives the same numbers with its trunk computed once',
		async () => {
			const spec = specOf({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block_11', learningRate: 1e-3 }, 2);
			expect(spec.plan.trainableParameters).toBe(1_861_440 + 1280 * 2 + 2);
			const cached = await collect(spec, null, { dataset });
			const plain = await collect(spec, null, { dataset, trunkBytes: 0 });
			expect(cached.events.map(({ kind }) => kind)).toContain('TRUNK_CACHED');
			expect(cached.result.verification.ok).toBe(true);
			cached.points.forEach(({ key, value }, index) => {
				expect(key).toBe(plain.points[index]?.key);
				expect(value).toBeCloseTo(plain.points[index]?.value ?? Number.NaN, 4);
			});
		},
		patience(60_000),
	);
});
