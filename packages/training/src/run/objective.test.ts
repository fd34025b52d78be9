import type { JsonObject } from '@graft/domain/json';
import { parseTraining } from '@graft/domain/recipe';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useBackend } from '../testing/backends-here.js';
import { expectClose, expectGradient } from '../testing/numeric-gradient.js';
import { LINEAR_HEAD } from '../testing/run-spec.js';
import { classWeights, createObjective, type Objective } from './objective.js';
import { accuracy, meanAbsoluteError, meanLoss } from './score.js';

beforeAll(async () => void (await useBackend()));

function objective(
	training: JsonObject,
	classes: string[] | null,
	labels: Int32Array,
	loss?: 'mse' | 'mae',
): Objective {
	return createObjective(specOf(training, classes, loss), classes?.length ?? 1, labels);
}

function specOf(given: JsonObject, classes: string[] | null, loss?: 'mse' | 'mae') {
	const training = parseTraining(given);
	if ('field' in training) throw new Error(training.message);
	const task = classes === null ? ('REGRESSION' as const) : ('CLASSIFICATION' as const);
	const input = { shape: [2], preprocessing: null, tokenizer: null, maxLength: null };
	const names = { id: 'd', name: 'd', version: 'v', uri: 'builtin:optdigits', format: 'csv-image', options: {} };
	return { dataset: { ...names, task, classes, splits: [], input }, head: { ...LINEAR_HEAD, loss }, training };
}

const lossOf = async (of: Objective, outputs: number[], targets: Float32Array) => {
	const given = tf.tensor(outputs, [outputs.length / of.outputs, of.outputs]);
	return (await of.loss(given, targets).data())[0] ?? Number.NaN;
};

describe('a classification', () => {
	const pets = ['bird', 'cat', 'dog'];

	it("weighs examples as Keras' CategoricalCrossentropy documents it", async () => {
		// Its example: probabilities [.05, .95, 0] and [.1, .8, .1], true classes 1 and 2: 1.177; with weights .3, .7: .814.
		const logits = [0.05, 0.95, 1e-30, 0.1, 0.8, 0.1].map(Math.log);
		const labels = Int32Array.of(1, 2);
		for (const [training, expected] of [
			[{}, 1.177],
			[{ classWeights: { cat: 0.3, dog: 0.7 } }, 0.814],
		] as const) {
			const given = objective(training, pets, labels);
			const targets = given.targets(labels);
			expect(await lossOf(given, logits, targets)).toBeCloseTo(expected, 3);
			expect(meanLoss(given.scoreTargets(Float32Array.from(logits), targets))).toBeCloseTo(expected, 3);
			expect(meanLoss(given.scoreLabels(Float32Array.from(logits), labels))).toBeCloseTo(1.177, 3);
			expect(accuracy(given.scoreTargets(Float32Array.from(logits), targets))).toBe(0.5);
		}
	});

	it("balances classes as scikit-learn's compute_class_weight documents it", () => {
		// Its example: y = [1, 1, 1, 1, 0, 0] has the weights [1.5, .75].
		const spec = specOf({ classWeights: 'balanced' }, ['a', 'b']);
		expect(classWeights(spec, Int32Array.of(1, 1, 1, 1, 0, 0))).toEqual([1.5, 0.75]);
		expect(classWeights(specOf({}, ['a', 'b']), Int32Array.of(1))).toBeNull();
		expect(classWeights(specOf({ classWeights: { b: 3 } }, ['a', 'b']), Int32Array.of(1))).toEqual([1, 3]);
	});

	it('smooths labels as Keras: 1 - s + s / classes, and s / classes', () => {
		const labels = Int32Array.of(2);
		const smoothed = objective({ labelSmoothing: 0.3, classWeights: { dog: 2 } }, pets, labels);
		expectClose(smoothed.targets(labels), [0.2, 0.2, 1.6], 1e-7);
	});

	it('has the gradient of its loss, with any targets', async () => {
		const labels = Int32Array.of(0, 2);
		const given = objective({ labelSmoothing: 0.2, classWeights: { dog: 3 } }, pets, labels);
		const targets = given.targets(labels);
		const at = tf.tensor([0.3, -1, 0.5, 0.1, 0.9, -0.7], [2, 3]);
		await expectGradient((outputs) => given.loss(outputs, targets), [at]);
	});
});

describe('a regression', () => {
	it.each([
		['mse', (4 + 1) / 2],
		['mae', (2 + 1) / 2],
	] as const)('has %s as its loss, and the mean absolute error beside it', async (kind, expected) => {
		const labels = Float32Array.of(1, -1);
		const given = objective({}, null, new Int32Array(), kind);
		const targets = given.targets(labels);
		expect(await lossOf(given, [3, -2], targets)).toBeCloseTo(expected, 6);
		const score = given.scoreLabels(Float32Array.of(3, -2), labels);
		expect([meanLoss(score), meanAbsoluteError(score)]).toEqual([expected, 1.5]);
		await expectGradient((outputs) => given.loss(outputs, targets), [tf.tensor([3, -2], [2, 1])]);
	});
});
