import type { RunSpec } from '@graft/domain/run';
import type { SplitName } from '../dataset/index.js';
import { initialWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { updateRule } from '../optimizer/update-rule.js';
import { drawOrder } from '../run/draws.js';
import { evaluate } from '../run/evaluate.js';
import { type ExampleSource, pick } from '../run/example-source.js';
import { splitNetwork } from '../run/phase-network.js';
import { trainStep } from '../run/train-step.js';
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
	const rule = updateRule(run.optimizer);
	const settings = { network: parts, trunkDone: true, rule, seed: run.seed, outputs: network.outputs };
	for (let epoch = 1; epoch <= run.epochs; epoch++) {
		const order = drawOrder(features.train.count, run.seed, epoch);
		for (let begin = 0; begin < order.length; begin += run.batchSize) {
			const batch = pick(features.train, order.slice(begin, begin + run.batchSize));
			const logits = trainStep(state, batch, settings);
			await logits.data();
			logits.dispose();
		}
		await evaluate(parts.tail, state.weights, features.validation, none);
	}
	await evaluate(parts.tail, state.weights, features.test, none);
	disposeState(state);
}
