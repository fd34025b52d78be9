import { mulberry32 } from '@graft/domain/random';
import type { RunSpec } from '@graft/domain/run';
import { beforeAll, expect, it } from 'vitest';
import type { Examples, LoadedDataset } from '../dataset/index.js';
import { useBackend } from '../testing/backends-here.js';
import { collect } from '../testing/collect.js';
import { runSpec } from '../testing/run-spec.js';

beforeAll(async () => void (await useBackend()));

/** Images of one brightness each, which is the number to be told. */
function brightness(count: number, seed: number): Examples {
	const random = mulberry32(seed);
	const labels = Float32Array.from({ length: count }, () => random() * 2 - 1);
	return {
		count,
		inputs: Float32Array.from({ length: count * 16 }, (_, at) => labels[Math.floor(at / 16)] ?? 0),
		labels,
	};
}

const data: LoadedDataset = {
	version: 'in memory',
	classes: [],
	inputShape: [4, 4, 1],
	splits: { train: brightness(48, 1), validation: brightness(16, 2), test: brightness(16, 3) },
	attribution: null,
};
const dataset: RunSpec['dataset'] = {
	...{ id: 'brightness', name: 'brightness', version: data.version, task: 'REGRESSION', classes: null },
	...{ splits: [], uri: 'builtin:none', format: 'none', options: {} },
	input: { shape: [4, 4, 1], preprocessing: null, tokenizer: null, maxLength: null },
};

it.each(['mse', 'mae'] as const)(
	'a regression learns by %s, and tells its loss and mean absolute error',
	async (loss) => {
		const head = {
			pooling: 'average',
			hidden: [{ units: 8, activation: 'tanh', dropout: 0 }],
			dropout: 0,
			loss,
		} as const;
		const strategy = { kind: 'FROM_SCRATCH', learningRate: 0.01 } as const;
		const training = { earlyStopping: { monitor: 'val_mae', patience: 8 } };
		const spec = runSpec({ dataset, strategy, head, epochs: 30, batchSize: 16, training });
		const { points, result } = await collect(spec, null, { dataset: data });
		const of = (key: string) => points.filter((point) => point.key === key).map((point) => point.value);
		expect(new Set(points.map((point) => point.key))).toEqual(
			new Set([
				'epoch',
				'train_loss',
				'train_mae',
				'val_loss',
				'val_mae',
				'learning_rate',
				'examples',
				'test_loss',
				'test_mae',
			]),
		);
		// A guess of 0 for a number from -1 to 1 is .5 off.
		expect(Math.min(...of('val_mae'))).toBeLessThan(0.25);
		if (loss === 'mae') expect(of('val_loss')).toEqual(of('val_mae'));
		const { testAccuracy, testMae, testLoss } = result.summary;
		expect(testAccuracy).toBeNull();
		expect([testLoss, testMae]).toEqual([of('test_loss')[0], of('test_mae')[0]]);
	},
);
