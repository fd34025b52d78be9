import type { FreezePhase } from '@graft/domain/freeze-plan';
import { toHost } from '../network/device-weights.js';
import { keepStates } from '../optimizer/optimizer-state.js';
import { diverged, refuseBrokenWeights } from './diverged.js';
import { drawOrder } from './draws.js';
import { evaluate } from './evaluate.js';
import { pick } from './example-source.js';
import { type PhaseNetwork, splitNetwork } from './phase-network.js';
import type { RunContext } from './run-context.js';
import { accuracy, addScores, meanLoss, NO_SCORE, type Score, scoreLogits } from './score.js';
import { trainStep } from './train-step.js';
import { prepareSources, type TailSources } from './trunk-activations.js';

/** Trains one phase, from where the state's position is in it to the position where the next one begins. */
export async function trainPhase(context: RunContext, phase: FreezePhase): Promise<void> {
	const { network, state, report, checkpoints, pause } = context;
	const { epochsBefore } = state.position;
	const part = splitNetwork(network, phase);
	keepStates(state.optimizer, new Set(part.learningRates.keys()));
	const learning = phase.groups.filter((group) => group.trainable).map((group) => group.group);
	if (state.position.epochs === 0 && state.position.batches === 0) {
		report.event('PHASE_STARTED', state.step, `Phase ${phase.index + 1}: ${learning.join(', ')} learn.`, {
			phase: phase.index,
			epochs: phase.epochs,
			trainableParameters: phase.trainableParameters,
		});
	}
	const sources = await prepareSources(context, part, phase.epochs);
	const every = epochsBetweenValidations(context.train.count, context.validation.count);
	for (let epoch = state.position.epochs + 1; epoch <= phase.epochs; epoch++) {
		const train = await trainEpoch(context, part, sources, phase.index, epochsBefore + epoch);
		const isLast = epoch === phase.epochs;
		const isDue = isLast || epoch % every === 0;
		const layers = sources.trunkDone ? part.tail : network.layers;
		const validation = isDue
			? await evaluate(layers, state.weights, sources.validation, pause)
			: state.position.scores.validation;
		report.metrics(state.step, {
			epoch: epochsBefore + epoch,
			train_loss: meanLoss(train),
			train_accuracy: accuracy(train),
			...(isDue && { val_loss: meanLoss(validation), val_accuracy: accuracy(validation) }),
			learning_rate: phase.groups.at(-1)?.learningRate ?? 0,
			examples: (epochsBefore + epoch) * context.train.count,
		});
		const scores = { train, validation };
		state.position = { ...state.position, epochs: epoch, batches: 0, sum: NO_SCORE, scores };
		report.progress({ phase: phase.index, epoch: epochsBefore + epoch, step: state.step }, isLast);
		if (!isLast) await checkpoints.offer();
	}
	refuseBrokenWeights(context, await toHost(state.weights), phase);
	report.event('PHASE_FINISHED', state.step, `Phase ${phase.index + 1} is done.`, { phase: phase.index });
	const { epochs } = state.position;
	state.position = { ...state.position, phase: phase.index + 1, epochsBefore: epochsBefore + epochs, epochs: 0 };
}

async function trainEpoch(
	context: RunContext,
	network: PhaseNetwork,
	{ train, trunkDone }: TailSources,
	phase: number,
	epoch: number,
): Promise<Score> {
	const { spec, state, rule, report, checkpoints, pause } = context;
	const settings = { network, trunkDone, rule, seed: spec.seed, outputs: context.network.outputs };
	const order = drawOrder(train.count, spec.seed, epoch);
	for (let begin = state.position.batches * spec.batchSize; begin < order.length; begin += spec.batchSize) {
		const batch = pick(train, order.slice(begin, begin + spec.batchSize));
		const logits = trainStep(state, batch, settings);
		const score = scoreLogits(await logits.data(), batch.labels);
		logits.dispose();
		if (!Number.isFinite(score.loss)) {
			const what = `The loss is ${score.loss} at step ${state.step} (epoch ${epoch})`;
			throw diverged(context, what, highestRate(network));
		}
		const { batches, sum } = state.position;
		state.position = { ...state.position, batches: batches + 1, sum: addScores(sum, score) };
		report.progress({ phase, epoch, step: state.step });
		await pause();
		// After the last batch the epoch's metrics are still to be told.
		if (begin + spec.batchSize < order.length) await checkpoints.offer();
	}
	return state.position.sum;
}

/**
 * Validation is a forward pass, a third of a step's work. With few labels and many validation examples it would still
 * take most of the time: it then comes only so often that it costs no more than training.
 */
export function epochsBetweenValidations(trainExamples: number, validationExamples: number): number {
	return Math.max(1, Math.round(validationExamples / (3 * trainExamples)));
}

const highestRate = (network: PhaseNetwork): number => Math.max(...network.learningRates.values());
