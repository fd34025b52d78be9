import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import facts from '../../vectors/adaptation.json' with { type: 'json' };
import { backendsHere, useBackend } from '../testing/backends-here.js';
import { expectClose, expectGradient } from '../testing/numeric-gradient.js';
import { deepCoral } from './deep-coral.js';
import { domainConfusion, reversalStrength, reverseGradient } from './domain-adversarial.js';
import { pullTowards } from './l2-sp.js';
import { type MmdEstimator, mmd, squaredDistances, tllibVariances } from './mmd.js';
import { takeRows } from './take-rows.js';

type Estimates = Readonly<Record<MmdEstimator, number>>;
const known = facts as {
	readonly Xs: number[][];
	readonly Xt: number[][];
	readonly deepCoral: number;
	readonly tllibCoral: number;
	readonly meanSquaredDistance: number;
	readonly mmd: { readonly oneKernel: Estimates; readonly tllibKernels: Estimates };
	readonly reversal: Readonly<Record<'gamma10' | 'tllibOver1000Steps', Readonly<Record<string, number>>>>;
	readonly l2sp: { w0: number[]; w: number[]; alpha_half_sq_alpha01: number; grad_alpha01: number[] };
};
const source = () => tf.tensor2d(known.Xs);
const target = () => tf.tensor2d(known.Xt);
const numberOf = async (x: tf.Tensor) => (await x.data())[0] ?? Number.NaN;
const ESTIMATORS: readonly MmdEstimator[] = ['biased', 'unbiased'];
/** Another number of rows, and none that is symmetric. */
const OTHER = [
	[0.3, -0.2],
	[1.1, 0.4],
	[-0.7, 0.9],
];

describe.each(backendsHere())('losses on %s', (backend) => {
	beforeAll(async () => void (await useBackend(backend)));

	it('L2-SP has the value and the gradient of the reference, and is still at the start', async () => {
		const { w0, w, alpha_half_sq_alpha01, grad_alpha01 } = known.l2sp;
		const [start, now] = [tf.tensor(w0), tf.tensor(w)];
		expectClose([await numberOf(pullTowards(now, start, 0.1))], [alpha_half_sq_alpha01], 1e-6);
		const gradient = tf.grad((x) => pullTowards(x, start, 0.1));
		expectClose(await gradient(now).data(), grad_alpha01, 1e-6);
		expect((await gradient(start).data()).every((one) => one === 0)).toBe(true);
		await expectGradient((x) => pullTowards(x, start, 0.3), [now]);
		await expectGradient((x) => pullTowards(x, null, 0.3), [now]);
	});

	it('Deep CORAL agrees with the reference in both variants', async () => {
		expectClose([await numberOf(deepCoral(source(), target()))], [known.deepCoral], 1e-6);
		expectClose([await numberOf(deepCoral(source(), target(), 'tllib'))], [known.tllibCoral], 1e-6);
		for (const variant of ['paper', 'tllib'] as const) {
			await expectGradient((s, t) => deepCoral(s, t, variant), [source(), tf.tensor2d(OTHER)]);
		}
	});

	it('Deep CORAL of a single example is no distance of covariances', async () => {
		const one = tf.tensor2d([[3, 4]]);
		expect(await numberOf(deepCoral(one, target()))).toBe(0);
		const gradient = tf.grad((x) => deepCoral(x, target()))(one);
		expect(await gradient.data()).toEqual(new Float32Array(2));
	});

	it.each(ESTIMATORS)('MMD agrees with the reference, %s', async (estimator) => {
		const one = [tf.scalar(1)];
		expectClose([await numberOf(mmd(source(), target(), one, estimator))], [known.mmd.oneKernel[estimator]], 1e-5);
		const kernels = tllibVariances(source(), target());
		expectClose(
			[await numberOf(mmd(source(), target(), kernels, estimator))],
			[known.mmd.tllibKernels[estimator]],
			1e-5,
		);
		const fixed = [tf.scalar(0.5), tf.scalar(2)];
		await expectGradient((s, t) => mmd(s, t, fixed, estimator), [source(), tf.tensor2d(OTHER)]);
	});

	it("tllib's mean distance counts each example's distance to itself", async () => {
		const distances = squaredDistances(tf.concat2d([source(), target()], 0));
		expectClose([await numberOf(tf.mean(distances))], [known.meanSquaredDistance], 1e-6);
		expectClose(
			[await numberOf(tllibVariances(source(), target())[3] as tf.Tensor)],
			[known.meanSquaredDistance],
			1e-6,
		);
	});

	it('MMD of one domain with itself is 0 where it is biased, and finite where all is equal', async () => {
		expectClose([await numberOf(mmd(source(), source(), tllibVariances(source(), source()), 'biased'))], [0], 1e-6);
		const flat = tf.zeros([3, 2]);
		expectClose([await numberOf(mmd(flat, flat, tllibVariances(flat, flat), 'unbiased'))], [0], 1e-6);
	});

	it('the discriminator is judged by the mean of both domains', async () => {
		// log(1 + e^-2) for a source at 2; (log(1 + e^-1) + log(1 + e^3)) / 2 for targets at -1 and 3.
		const wanted = 0.5 * (Math.log1p(Math.exp(-2)) + (Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(3))) / 2);
		const logits = tf.tensor2d([[2], [-1], [3]]);
		expectClose([await numberOf(domainConfusion(logits, 1))], [wanted], 1e-6);
		expect(Number.isFinite(await numberOf(domainConfusion(tf.tensor2d([[-1e4], [1e4]]), 1)))).toBe(true);
		await expectGradient((x) => domainConfusion(x, 1), [logits]);
	});

	it('gradient reversal passes forward unchanged and reverses the way back', async () => {
		const x = tf.tensor2d(known.Xt);
		expect(await reverseGradient(x, 0.3).data()).toEqual(await x.data());
		const plain = await tf
			.grad((y) => domainConfusion(takeRows(tf.reshape(y, [8, 1]), 0, 8), 4))(x)
			.data();
		const reversed = await tf
			.grad((y) => domainConfusion(tf.reshape(reverseGradient(y, 0.3), [8, 1]), 4))(x)
			.data();
		expectClose(
			reversed,
			plain.map((one) => -0.3 * one),
			1e-6,
		);
	});

	it('taking rows sends the gradient to those rows', async () => {
		const factors = tf.tensor([1, 2, 3, 4], [4, 1]);
		for (const begin of [0, 1, 2]) {
			const loss = (x: tf.Tensor) => tf.matMul(tf.reshape(takeRows(x, begin, 2), [1, 4]), factors);
			await expectGradient(loss, [target()]);
		}
	});
});

describe('the strength of the reversed gradient', () => {
	it.each(Object.entries(known.reversal.gamma10))('at %s of the run as in the paper', (done, strength) => {
		expect(reversalStrength(Number(done), 10)).toBeCloseTo(strength, 12);
	});
	it.each(Object.entries(known.reversal.tllibOver1000Steps))('at step %s as in tllib', (step, strength) => {
		expect(reversalStrength(Number(step) / 1000, 1)).toBeCloseTo(strength, 12);
	});
});
