import type { ExampleBatch } from './example-source.js';
import { drawMix, mixExamples } from './mixup.js';
import type { Objective } from './objective.js';

/** What one step trains on. */
export interface TrainingBatch extends ExampleBatch {
	/** A row of the network's outputs an example, as training wants them. */
	readonly targets: Float32Array;
}

/** The examples with their targets; with an `alpha`, each is mixed with another one of the batch. */
export function trainingBatch(
	examples: ExampleBatch,
	objective: Objective,
	alpha: number | null,
	seed: number,
	step: number,
): TrainingBatch {
	const plain = { values: examples.values, targets: objective.targets(examples.labels) };
	const batch = alpha === null ? plain : mixExamples(plain, drawMix(alpha, examples.count, seed, step));
	return { ...examples, ...batch };
}
