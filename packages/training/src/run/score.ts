import { OWN_MEASURE, type Task } from '@graft/domain/dataset';

/** Sums over examples; divide by `examples` for means. */
export interface Score {
	readonly loss: number;
	/** Classification: how often the highest output is that of the label. */
	readonly correct: number;
	/** Regression: sum of the absolute differences. */
	readonly absoluteError: number;
	/** What was judged, one by one: examples, or the tokens that were to be foretold. */
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

/** e to the mean cross-entropy of a token: among how many the model is as unsure as a fair die (Jelinek et al. 1977). */
export function perplexity(score: Score): number {
	return Math.exp(meanLoss(score));
}

type Part = 'train' | 'val' | 'test';

/** The score as metrics: `val_loss` and `val_accuracy`, or the task's own measure in its place; none where nothing was looked at. */
export function scoreMetrics(part: Part | 'target_test', score: Score, task: Task): Record<string, number> {
	if (score.examples === 0) return {};
	return { [`${part}_loss`]: meanLoss(score), [`${part}_${OWN_MEASURE[task]}`]: OWN_VALUE[task](score) };
}

const OWN_VALUE: Readonly<Record<Task, (score: Score) => number>> = {
	CLASSIFICATION: accuracy,
	REGRESSION: meanAbsoluteError,
	LANGUAGE_MODELING: perplexity,
};

/** The same as a run's summary names it; null where there were no examples. */
export function scoreSummary<P extends Part>(part: P, score: Score, task: Task): ScoreSummary<P> {
	const ofAny = (value: number) => (score.examples === 0 ? null : value);
	return {
		[`${part}Loss`]: ofAny(meanLoss(score)),
		[`${part}Accuracy`]: task === 'CLASSIFICATION' ? ofAny(accuracy(score)) : null,
		...(task === 'REGRESSION' && { [`${part}Mae`]: ofAny(meanAbsoluteError(score)) }),
		...(task === 'LANGUAGE_MODELING' && { [`${part}Perplexity`]: ofAny(perplexity(score)) }),
	} as ScoreSummary<P>;
}

/** Accuracy is null but for a classification; the other measures are there for their tasks alone. */
export type ScoreSummary<P extends Part> = Readonly<
	Record<`${P}Loss` | `${P}Accuracy`, number | null> & Partial<Record<`${P}Mae` | `${P}Perplexity`, number | null>>
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

/** `losses` are those of tokens, 0 where there was none to foretell. */
export function scoreTokens(losses: Float32Array, tokens: number): Score {
	let loss = 0;
	for (const one of losses) loss += one;
	return { loss, correct: 0, absoluteError: 0, examples: tokens };
}
