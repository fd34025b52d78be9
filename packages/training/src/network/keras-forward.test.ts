import { type Architecture, findArchitecture, summarizeBackbone, type WeightSpec } from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import more from '../../vectors/forward-goldens.json' with { type: 'json' };
import vectors from '../../vectors/synthetic-forward.json' with { type: 'json' };
import type { BackendName } from '../backend/index.js';
import { backendsHere, patience, useBackend } from '../testing/backends-here.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { drawByName, syntheticWeights } from '../testing/synthetic-weights.js';
import { type DeviceWeights, disposeWeights, toDevice } from './device-weights.js';
import { forward } from './forward.js';
import { assembleNetwork } from './network.js';

interface Probe {
	readonly shape: number[];
	readonly mean: number;
	readonly std: number;
	readonly first8: number[];
	readonly last4: number[];
}
interface Golden {
	readonly input: number[];
	/** Outputs of layers on the way, to find the block that is wrong, and of the last one. */
	readonly probes: Record<string, Probe>;
}
const goldens = {
	...(vectors as unknown as { keras: Record<string, Golden> }).keras,
	...(more as unknown as { keras: Record<string, Golden> }).keras,
};

function fill({ name, role, shape, fanIn }: WeightSpec): Float32Array {
	const drawn = drawByName(name, shape);
	if (role === 'gamma' || role === 'moving-variance') return drawn.map((value) => 1 + 0.2 * value);
	if (role !== 'kernel') return drawn.map((value) => 0.1 * value);
	const limit = Math.sqrt(6 / fanIn);
	return drawn.map((value) => limit * value);
}

/** Each number within 1e-4 of the expected one, or of the tensor's own spread where that is larger. */
function expectNumbers(actual: ArrayLike<number>, expected: readonly number[], spread: number): void {
	const scale = Math.max(spread, Number.EPSILON);
	expectClose(
		Array.from(actual, (value) => value / scale),
		expected.map((value) => value / scale),
		1e-4,
	);
}

/** In float64: sums of tens of thousands of numbers in float32 are not good to 1e-4. */
function momentsOf(values: ArrayLike<number>): [mean: number, std: number] {
	const all = Array.from(values);
	const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
	return [mean, Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length)];
}

const backends = await backendsHere();
const NAMES = [
	...['vgg16', 'vgg16-top', 'resnet50', 'resnet50-top', 'inception-v3', 'mobilenet-v2', 'mobilenet-v2-top'],
];
/** Plain JavaScript takes half a minute for ResNet50. */
const cases = NAMES.flatMap((name) =>
	backends.filter((backend) => name === 'mobilenet-v2' || backend !== 'cpu').map((backend) => [name, backend] as const),
);

describe.each(cases)('%s on %s', (name, backend: BackendName) => {
	const golden = goldens[name] as Golden;
	const { network } = summarizeBackbone(findArchitecture(name) as Architecture, golden.input.slice(1));
	const { layers } = assembleNetwork(network, { layers: [], outputShape: [] }, golden.input.slice(1));
	let weights: DeviceWeights = new Map();
	beforeAll(async () => {
		await useBackend(backend);
		weights = toDevice(syntheticWeights(layers, fill));
	}, patience(60_000));
	afterAll(() => disposeWeights(weights));

	it(
		'gives the numbers of Keras with weights that are drawn by name',
		async () => {
			let x: tf.Tensor = tf.tensor(drawByName('input', golden.input), golden.input);
			let done = 0;
			for (const [probe, wanted] of Object.entries(golden.probes)) {
				const until = layers.findIndex((layer) => layer.name === `backbone/${probe}`) + 1;
				// From probe to probe: each is a place that the whole network goes through.
				x = forward(layers.slice(done, until), weights, x);
				done = until;
				const values = await x.data();
				expect(x.shape).toEqual(wanted.shape);
				expectNumbers(values.slice(0, 8), wanted.first8, wanted.std);
				expectNumbers(values.slice(-4), wanted.last4, wanted.std);
				expectNumbers(momentsOf(values), [wanted.mean, wanted.std], wanted.std);
			}
			expect(done).toBe(layers.length);
		},
		patience(60_000),
	);

	it(
		'keeps no activation when it infers',
		() => {
			const input = tf.zeros(golden.input);
			const before = tf.memory().numTensors;
			forward(layers, weights, input).dispose();
			expect(tf.memory().numTensors).toBe(before);
			input.dispose();
		},
		patience(60_000),
	);
});
