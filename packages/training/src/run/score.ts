/** Sums over examples; divide by `examples` for means. */
export interface Score {
	readonly loss: number;
	readonly correct: number;
	readonly examples: number;
}

export const NO_SCORE: Score = { loss: 0, correct: 0, examples: 0 };

export const addScores = (a: Score, b: Score): Score => ({
	loss: a.loss + b.loss,
	correct: a.correct + b.correct,
	examples: a.examples + b.examples,
});

export const meanLoss = (score: Score): number => score.loss / score.examples;
export const accuracy = (score: Score): number => score.correct / score.examples;

/** Cross-entropy and hits of one batch's logits. */
export function scoreLogits(logits: Float32Array | Int32Array | Uint8Array, labels: Int32Array): Score {
	const classes = logits.length / labels.length;
	let loss = 0;
	let correct = 0;
	labels.forEach((label, row) => {
		const scores = logits.subarray(row * classes, (row + 1) * classes);
		const largest = Math.max(...scores);
		let sum = 0;
		for (const score of scores) sum += Math.exp(score - largest);
		const own = scores[label] ?? Number.NaN;
		loss += Math.log(sum) + largest - own;
		if (scores.indexOf(largest) === label) correct += 1;
	});
	return { loss, correct, examples: labels.length };
}
