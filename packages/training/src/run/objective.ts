import type { RunSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import type { Labels } from '../dataset/index.js';
import { crossEntropy } from '../layers/cross-entropy.js';
import { countTokens, nextTokenLoss, nextTokenLosses } from '../layers/next-token-loss.js';
import { regressionLoss } from '../layers/regression-loss.js';
import { type Score, scoreClasses, scoreNumbers, scoreTokens } from './score.js';

/** What a run minimises, and how well its outputs do. */
export interface Objective {
	/** Units of the network's last layer: one a class, or one, or one a token of the vocabulary. */
	readonly outputs: number;
	/**
	 * A row of numbers an example, as training wants them. Of classes: `outputs` of them, smoothed, and times the weight of the
	 * class. Of a language model: the ids to foretell.
	 */
	readonly targets: (labels: Labels) => Float32Array;
	/** The loss that is minimised. */
	readonly loss: (outputs: tf.Tensor, targets: Float32Array) => tf.Scalar;
	/** What is read back of the outputs, to be scored: all of them, or less where they are many. */
	readonly judged: (outputs: tf.Tensor, labels: Labels) => tf.Tensor;
	/** Sums over examples, by the targets of training. */
	readonly scoreTargets: (judged: Float32Array, targets: Float32Array) => Score;
	/** Sums over examples, by the labels as they are: validation and test know neither smoothing nor weights. */
	readonly scoreLabels: (judged: Float32Array, labels: Labels) => Score;
}

/** `trainLabels` are those that the run may see: balanced weights are by their counts. */
export function createObjective(
	spec: Pick<RunSpec, 'dataset' | 'head' | 'training'>,
	outputs: number,
	trainLabels: Labels,
): Objective {
	if (spec.dataset.task === 'REGRESSION') return regression(spec.head.loss ?? 'mse', outputs);
	if (spec.dataset.task === 'LANGUAGE_MODELING') return nextTokens(outputs);
	const smoothing = spec.training?.labelSmoothing ?? 0;
	const weights = classWeights(spec, trainLabels);
	const rows = (labels: Labels, spread: number, weightOf: (label: number) => number): Float32Array => {
		const targets = new Float32Array(labels.length * outputs);
		labels.forEach((label, row) => {
			const weight = weightOf(label);
			targets.fill((weight * spread) / outputs, row * outputs, (row + 1) * outputs);
			targets[row * outputs + label] = weight * (1 - spread + spread / outputs);
		});
		return targets;
	};
	return {
		outputs,
		targets: (labels) => rows(labels, smoothing, (label) => weights?.[label] ?? 1),
		loss: (logits, targets) => crossEntropy(logits, tf.tensor(targets, [targets.length / outputs, outputs])),
		judged: (logits) => logits,
		scoreTargets: (logits, targets) => scoreClasses(logits, targets, outputs),
		scoreLabels: (logits, labels) =>
			scoreClasses(
				logits,
				rows(labels, 0, () => 1),
				outputs,
			),
	};
}

function regression(kind: 'mse' | 'mae', outputs: number): Objective {
	return {
		outputs,
		targets: (labels) => Float32Array.from(labels),
		loss: (values, targets) => regressionLoss(kind, values, tf.tensor(targets, [targets.length, 1])),
		judged: (values) => values,
		scoreTargets: (values, targets) => scoreNumbers(values, targets, kind),
		scoreLabels: (values, labels) => scoreNumbers(values, Float32Array.from(labels), kind),
	};
}

/** Scores of a whole vocabulary for each token are too many to read back: the device says the loss of each token. */
function nextTokens(outputs: number): Objective {
	const score = (losses: Float32Array, targets: Float32Array) => scoreTokens(losses, countTokens(targets));
	return {
		outputs,
		targets: (labels) => Float32Array.from(labels),
		loss: nextTokenLoss,
		judged: (scores, labels) => nextTokenLosses(scores, Float32Array.from(labels)),
		scoreTargets: score,
		scoreLabels: (losses, labels) => score(losses, Float32Array.from(labels)),
	};
}

/** Weight of each class by its index; null where all have 1. Balanced is n / (classes n_c), as in scikit-learn. */
export function classWeights(
	{ dataset, training }: Pick<RunSpec, 'dataset' | 'training'>,
	labels: Labels,
): readonly number[] | null {
	const given = training?.classWeights ?? null;
	if (given === null) return null;
	const classes = dataset.classes ?? [];
	if (given !== 'balanced') return classes.map((name) => given[name] ?? 1);
	const counts = classes.map(() => 0);
	for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
	// A class without an example is never weighed.
	return counts.map((count) => labels.length / (classes.length * Math.max(1, count)));
}
