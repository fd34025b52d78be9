import type { RunSpec } from '@graft/domain/run';
import type { SplitName } from '../dataset/index.js';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { drawOrder } from '../run/draws.js';
import { evaluate } from '../run/evaluate.js';
import { type ExampleSource, pick } from '../run/example-source.js';
import { createObjective } from '../run/objective.js';
import { splitNetwork } from '../run/phase-network.js';
import { createRecipe } from '../run/recipe.js';
import { trainStep } from '../run/train-step.js';
import { trainingBatch } from '../run/training-batch.js';
import { createState, disposeState } from '../run/training-state.js';

const none = async () => undefined;

/** A tail's steps, validations and test on given activations, and nothing of what a run does around them. */
export async function trainTail(
	run: RunSpec,
	weights: Uint8Array,
	features: Readonly<Record<SplitName, ExampleSource>>,
): Promise<void> {
	const network = buildNetwork(run);
	const phase = run.plan.phases[0];
	if (phase === undefined) throw new Error('the run has no phase');
	const parts = splitNetwork(network, phase);
	const state = createState(initialWeights(network, run.seed, weights));
	const objective = createObjective(run, network.outputs, features.train.labels);
	const recipe = createRecipe(run);
	const length = { stepsPerEpoch: Math.ceil(features.train.count / run.batchSize), epochs: run.epochs };
	const settings = { network: parts, trunkDone: true, objective, recipe, seed: run.seed };
	for (let epoch = 1; epoch <= run.epochs; epoch++) {
		const order = drawOrder(features.train.count, run.seed, epoch);
		for (let begin = 0; begin < order.length; begin += run.batchSize) {
			const examples = await pick(features.train, order.slice(begin, begin + run.batchSize));
			const batch = trainingBatch(examples, objective, recipe.mixup, run.seed, state.step);
			const outputs = trainStep(state, batch, { ...settings, now: recipe.at(state, length) });
			await outputs.data();
			outputs.dispose();
		}
		await evaluate(parts.tail, state.weights, features.validation, objective, none);
	}
	await evaluate(parts.tail, state.weights, features.test, objective, none);
	disposeState(state);
}
