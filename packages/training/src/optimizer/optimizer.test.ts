import type { OptimizerSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../backend/index.js';
import type { DeviceWeights } from '../network/device-weights.js';
import { backendsHere } from '../testing/backends-here.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { applyGradient, keepStates, type OptimizerState } from './optimizer-state.js';
import { updateRule } from './update-rule.js';

const START = [1, -2];
const GRADIENTS = [
	[0.1, -0.2],
	[0.3, 0.1],
	[-0.05, 0.4],
];
const adam: OptimizerSpec = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** Computed with Keras 3.15.1: the weight after each of the three gradients. */
const KERAS: readonly { what: string; spec: OptimizerSpec; rate: number; weights: number[][] }[] = [
	{
		what: 'Adam, rate .01',
		spec: adam,
		rate: 0.01,
		weights: [
			[0.9900003162177663, -1.990000158111383],
			[0.9808225968097466, -1.9873368253950667],
			[0.9748135226472204, -1.9919101117297042],
		],
	},
	{
		what: 'SGD with momentum .9, rate .1',
		spec: { kind: 'sgd', momentum: 0.9, nesterov: false },
		rate: 0.1,
		weights: [
			[0.99, -1.98],
			[0.951, -1.972],
			[0.9208999999999999, -2.0048],
		],
	},
	{
		what: 'SGD with Nesterov momentum .9, rate .1',
		spec: { kind: 'sgd', momentum: 0.9, nesterov: true },
		rate: 0.1,
		weights: [
			[0.981, -1.962],
			[0.9158999999999999, -1.9647999999999999],
			[0.89381, -2.03432],
		],
	},
	{
		what: 'SGD, rate .1',
		spec: { kind: 'sgd', momentum: 0, nesterov: false },
		rate: 0.1,
		weights: [
			[0.99, -1.98],
			[0.96, -1.99],
			[0.965, -2.03],
		],
	},
];

function start(): { weights: DeviceWeights; states: OptimizerState } {
	return { weights: new Map([['w', tf.keep(tf.tensor(START))]]), states: new Map() };
}

describe.each(await backendsHere())('optimizers on %s', (backend) => {
	beforeAll(async () => void (await selectBackend(backend)));

	it.each(KERAS)('$what moves as in Keras', ({ spec, rate, weights: expected }) => {
		const { weights, states } = start();
		const rule = updateRule(spec);
		GRADIENTS.forEach((gradient, index) => {
			tf.tidy(() => applyGradient(rule, states, weights, 'w', tf.tensor(gradient), rate));
			expectClose(weights.get('w')?.dataSync() ?? [], expected[index] ?? [], 2e-7);
		});
	});

	it('keeps as many tensors as there are slots, and forgets a weight that stops learning', () => {
		const before = tf.memory().numTensors;
		const { weights, states } = start();
		const rule = updateRule(adam);
		const step = () => tf.tidy(() => applyGradient(rule, states, weights, 'w', tf.tensor([1, 1]), 0.01));
		for (let count = 0; count < 5; count++) step();
		expect(tf.memory().numTensors).toBe(before + 3);
		expect(states.get('w')?.updates).toBe(5);
		keepStates(states, new Set(['w']));
		expect(states.get('w')?.updates).toBe(5);
		keepStates(states, new Set());
		expect(tf.memory().numTensors).toBe(before + 1);
		step();
		expect(states.get('w')?.updates).toBe(1);
	});
});
