import type { Task } from '@graft/domain/dataset';

/** Sums over examples; divide by `examples` for means. */
export interface Score {
	readonly loss: number;
	/** Classification: how often the highest output is that of the label. */
	readonly correct: number;
	/** Regression: sum of the absolute differences. */
	readonly absoluteError: number;
	readonly examples: number;
}

export const NO_SCORE: Score = { loss: 0, correct: 0, absoluteError: 0, examples: 0 };

export const addScores = (a: Score, b: Score): Score => ({
	loss: a.loss + b.loss,
	correct: a.correct + b.correct,
	absoluteError: a.absoluteError + b.absoluteError,
	examples: a.examples + b.examples,
});

export const meanLoss = (score: Score): number => score.loss / score.examples;
export const accuracy = (score: Score): number => score.correct / score.examples;
export const meanAbsoluteError = (score: Score): number => score.absoluteError / score.examples;

type Part = 'train' | 'val' | 'test';

/** The score as metrics: `val_loss` and `val_accuracy`, or `val_loss` and `val_mae`; none where nothing was looked at. */
export function scoreMetrics(part: Part | 'target_test', score: Score, task: Task): Record<string, number> {
	if (score.examples === 0) return {};
	const [what, value] = task === 'REGRESSION' ? ['mae', meanAbsoluteError(score)] : ['accuracy', accuracy(score)];
	return { [`${part}_loss`]: meanLoss(score), [`${part}_${what}`]: value };
}

/** The same as a run's summary names it; null where there were no examples. */
export function scoreSummary<P extends Part>(part: P, score: Score, task: Task): ScoreSummary<P> {
	const isRegression = task === 'REGRESSION';
	const ofAny = (value: number) => (score.examples === 0 ? null : value);
	return {
		[`${part}Loss`]: ofAny(meanLoss(score)),
		[`${part}Accuracy`]: isRegression ? null : ofAny(accuracy(score)),
		...(isRegression && { [`${part}Mae`]: ofAny(meanAbsoluteError(score)) }),
	} as ScoreSummary<P>;
}

/** Accuracy is null for a regression; the mean absolute error is missing for a classification. */
export type ScoreSummary<P extends Part> = Readonly<
	Record<`${P}Loss` | `${P}Accuracy`, number | null> & Partial<Record<`${P}Mae`, number | null>>
>;

/** Cross-entropy with rows of class probabilities (times weights), and hits of the highest one. */
export function scoreClasses(logits: Float32Array, targets: Float32Array, classes: number): Score {
	const examples = targets.length / classes;
	let loss = 0;
	let correct = 0;
	for (let row = 0; row < examples; row++) {
		const scores = logits.subarray(row * classes, (row + 1) * classes);
		const wanted = targets.subarray(row * classes, (row + 1) * classes);
		const largest = Math.max(...scores);
		let sum = 0;
		for (const score of scores) sum += Math.exp(score - largest);
		const whole = Math.log(sum) + largest;
		let label = 0;
		wanted.forEach((share, index) => {
			// A class that is not wanted counts nothing, not even where its logit is infinite.
			if (share !== 0) loss += share * (whole - (scores[index] ?? Number.NaN));
			if (share > (wanted[label] ?? 0)) label = index;
		});
		if (scores.indexOf(largest) === label) correct += 1;
	}
	return { loss, correct, absoluteError: 0, examples };
}

/** Squared or absolute differences. */
export function scoreNumbers(values: Float32Array, targets: Float32Array, kind: 'mse' | 'mae'): Score {
	let absoluteError = 0;
	let squared = 0;
	targets.forEach((target, row) => {
		const difference = (values[row] ?? Number.NaN) - target;
		absoluteError += Math.abs(difference);
		squared += difference ** 2;
	});
	return { loss: kind === 'mse' ? squared : absoluteError, correct: 0, absoluteError, examples: targets.length };
}
