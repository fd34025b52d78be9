import type { OptimizerSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import facts from '../../vectors/optimizers.json' with { type: 'json' };
import type { DeviceWeights } from '../network/device-weights.js';
import { backendsHere, useBackend } from '../testing/backends-here.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { clipGradients } from './clip-gradients.js';
import { applyGradient, keepStates, type OptimizerState } from './optimizer-state.js';
import { updateRule } from './update-rule.js';
import { defaultWeightDecay, withWeightDecay } from './weight-decay.js';

/** The weights after each of the three gradients, computed with Keras 3.15.1 and torch. */
const FACTS = facts as unknown as Record<string, number[][]> & { readonly w0: number[] };
const START = FACTS.w0;
const GRADIENTS = FACTS.grads ?? [];

const torch = { convention: 'torch' } as const;
const adam: OptimizerSpec = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const torchAdam: OptimizerSpec = { ...adam, ...torch, epsilon: 1e-8 };
const momentum = { kind: 'sgd', momentum: 0.9 } as const;
const rmsprop = { kind: 'rmsprop', rho: 0.9, momentum: 0, epsilon: 1e-7 } as const;

const CASES: readonly { name: string; spec: OptimizerSpec; rate: number; decay?: number }[] = [
	{ name: 'keras_adam_lr.01', spec: adam, rate: 0.01 },
	{ name: 'keras_adamw_lr.01_wd.004', spec: { ...adam, kind: 'adamw' }, rate: 0.01 },
	{ name: 'keras_sgd_lr.1_mom.9', spec: { ...momentum, nesterov: false }, rate: 0.1 },
	{ name: 'keras_sgd_nesterov', spec: { ...momentum, nesterov: true }, rate: 0.1 },
	{ name: 'keras_rmsprop_lr.01', spec: rmsprop, rate: 0.01 },
	{ name: 'torch_adam_lr.01', spec: torchAdam, rate: 0.01 },
	{ name: 'torch_adamw_lr.01_wd.01', spec: { ...torchAdam, kind: 'adamw' }, rate: 0.01 },
	{ name: 'torch_sgd_lr.1_mom.9', spec: { ...momentum, ...torch, nesterov: false }, rate: 0.1 },
	{ name: 'torch_sgd_nesterov', spec: { ...momentum, ...torch, nesterov: true }, rate: 0.1 },
	{ name: 'torch_rmsprop_lr.01', spec: { ...rmsprop, ...torch, rho: 0.99, epsilon: 1e-8 }, rate: 0.01 },
	{ name: 'torch_sgd_wd.1', spec: { ...momentum, ...torch, nesterov: false }, rate: 0.1, decay: 0.1 },
];

function start(): { weights: DeviceWeights; states: OptimizerState } {
	return { weights: new Map([['w', tf.keep(tf.tensor(START))]]), states: new Map() };
}

describe.each(backendsHere())('optimizers on %s', (backend) => {
	beforeAll(async () => void (await useBackend(backend)));

	it.each(CASES)('$name', async ({ name, spec, rate, decay }) => {
		const { weights, states } = start();
		const rule = withWeightDecay(updateRule(spec), spec, decay ?? defaultWeightDecay(spec));
		for (const [index, gradient] of GRADIENTS.entries()) {
			tf.tidy(() => applyGradient(rule, states, weights, 'w', tf.tensor(gradient), rate));
			expectClose((await weights.get('w')?.data()) ?? [], FACTS[name]?.[index] ?? [], 2e-7);
		}
	});

	it.each([false, true])(
		'momentum of Keras and torch parts where the rate changes (nesterov: %s)',
		async (nesterov) => {
			const after = async (spec: OptimizerSpec) => {
				const { weights, states } = start();
				for (const rate of [0.1, 0.01]) {
					tf.tidy(() => applyGradient(updateRule(spec), states, weights, 'w', tf.tensor([1, 1]), rate));
				}
				return (await weights.get('w')?.data()) ?? [];
			};
			// By hand from the definitions. Keras: v = -.1, then .9 v - .01 = -.1. torch: b = 1, then .9 + 1 = 1.9, times .01.
			const [keras, other] = nesterov ? [0.19 + 0.1, 0.19 + 0.0271] : [0.1 + 0.1, 0.1 + 0.019];
			expectClose(await after({ ...momentum, nesterov }), [1 - keras, -2 - keras], 1e-6);
			expectClose(await after({ ...momentum, ...torch, nesterov }), [1 - other, -2 - other], 1e-6);
		},
	);

	it('RMSprop gathers momentum', async () => {
		const after = async (spec: OptimizerSpec) => {
			const { weights, states } = start();
			for (const rate of [0.1, 0.01]) {
				tf.tidy(() => applyGradient(updateRule(spec), states, weights, 'w', tf.tensor([1, 1]), rate));
			}
			return (await weights.get('w')?.data())?.[0] ?? 0;
		};
		// Mean squares .1 and .19: directions 1 / sqrt(.1) and 1 / sqrt(.19).
		const [first, second] = [1 / Math.sqrt(0.1), 1 / Math.sqrt(0.19)];
		const keras = 0.1 * first + (0.09 * first + 0.01 * second);
		const other = 0.1 * first + 0.01 * (0.9 * first + second);
		expect(await after({ ...rmsprop, momentum: 0.9, epsilon: 1e-12 })).toBeCloseTo(1 - keras, 5);
		expect(await after({ ...rmsprop, ...torch, momentum: 0.9, epsilon: 1e-12 })).toBeCloseTo(1 - other, 5);
	});

	it('gradients are clipped by their common norm, and left alone below it', async () => {
		const clipped = async (limit: number) => {
			const gradients = clipGradients([tf.tensor([3, 0]), tf.tensor([[4]])], limit);
			return (await Promise.all(gradients.map((one) => one.data()))).flatMap((values) => [...values]);
		};
		expectClose(await clipped(1), [0.6, 0, 0.8], 1e-6);
		expectClose(await clipped(5), [3, 0, 4], 1e-6);
		expectClose(await clipped(100), [3, 0, 4], 1e-6);
	});

	it('as many gradients as a network has are clipped together', async () => {
		// Of 40 on the device, each of norm 2: their common norm is sqrt(160).
		const gradients = Array.from({ length: 40 }, () => tf.mul(tf.tensor([1, 1, 1, 1]), tf.scalar(1)));
		for (const one of clipGradients(gradients, 1))
			expectClose(await one.data(), Array(4).fill(1 / Math.sqrt(160)), 1e-6);
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
