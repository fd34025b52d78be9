import type { FreezePhase } from '@graft/domain/freeze-plan';
import { toHost } from '../network/device-weights.js';
import { keepStates } from '../optimizer/optimizer-state.js';
import { brokenWeight, diverged } from './diverged.js';
import { drawOrder } from './draws.js';
import { evaluate } from './evaluate.js';
import { pick } from './example-source.js';
import { type PhaseNetwork, splitNetwork } from './phase-network.js';
import type { RunContext } from './run-context.js';
import { accuracy, addScores, meanLoss, NO_SCORE, type Score, scoreLogits } from './score.js';
import { trainStep } from './train-step.js';
import { prepareSources, type TailSources } from './trunk-activations.js';

export interface PhaseScores {
	readonly train: Score;
	readonly validation: Score;
}

/** Trains one phase; `epochsBefore` are those of earlier phases. The scores are those of its last epoch. */
export async function trainPhase(context: RunContext, phase: FreezePhase, epochsBefore: number): Promise<PhaseScores> {
	const { network, state, report, pause } = context;
	const part = splitNetwork(network, phase);
	keepStates(state.optimizer, new Set(part.learningRates.keys()));
	const learning = phase.groups.filter((group) => group.trainable).map((group) => group.group);
	report.event('PHASE_STARTED', state.step, `Phase ${phase.index + 1}: ${learning.join(', ')} learn.`, {
		phase: phase.index,
		epochs: phase.epochs,
		trainableParameters: phase.trainableParameters,
	});
	const sources = await prepareSources(context, part, phase.epochs);
	const every = epochsBetweenValidations(context.train.count, context.validation.count);
	let scores: PhaseScores = { train: NO_SCORE, validation: NO_SCORE };
	for (let epoch = 1; epoch <= phase.epochs; epoch++) {
		const train = await trainEpoch(context, part, sources, phase.index, epochsBefore + epoch);
		const isLast = epoch === phase.epochs;
		const isDue = isLast || epoch % every === 0;
		const layers = sources.trunkDone ? part.tail : network.layers;
		const validation = isDue ? await evaluate(layers, state.weights, sources.validation, pause) : scores.validation;
		scores = { train, validation };
		report.metrics(state.step, {
			epoch: epochsBefore + epoch,
			train_loss: meanLoss(train),
			train_accuracy: accuracy(train),
			...(isDue && { val_loss: meanLoss(validation), val_accuracy: accuracy(validation) }),
			learning_rate: phase.groups.at(-1)?.learningRate ?? 0,
			examples: (epochsBefore + epoch) * context.train.count,
		});
		report.progress({ phase: phase.index, epoch: epochsBefore + epoch, step: state.step }, isLast);
	}
	const broken = brokenWeight(await toHost(state.weights));
	if (broken !== null) {
		throw diverged(context, `Weight ${broken} is no longer a number at step ${state.step}`, highestRate(part));
	}
	report.event('PHASE_FINISHED', state.step, `Phase ${phase.index + 1} is done.`, { phase: phase.index });
	return scores;
}

async function trainEpoch(
	context: RunContext,
	network: PhaseNetwork,
	{ train, trunkDone }: TailSources,
	phase: number,
	epoch: number,
): Promise<Score> {
	const { spec, state, rule, report, pause } = context;
	const settings = { network, trunkDone, rule, seed: spec.seed, outputs: context.network.outputs };
	const order = drawOrder(train.count, spec.seed, epoch);
	let sum = NO_SCORE;
	for (let begin = 0; begin < order.length; begin += spec.batchSize) {
		const batch = pick(train, order.slice(begin, begin + spec.batchSize));
		const logits = trainStep(state, batch, settings);
		const score = scoreLogits(await logits.data(), batch.labels);
		logits.dispose();
		if (!Number.isFinite(score.loss)) {
			const what = `The loss is ${score.loss} at step ${state.step} (epoch ${epoch})`;
			throw diverged(context, what, highestRate(network));
		}
		sum = addScores(sum, score);
		report.progress({ phase, epoch, step: state.step });
		await pause();
	}
	return sum;
}

/**
 * Validation is a forward pass, a third of a step's work. With few labels and many validation examples it would still
 * take most of the time: it then comes only so often that it costs no more than training.
 */
export function epochsBetweenValidations(trainExamples: number, validationExamples: number): number {
	return Math.max(1, Math.round(validationExamples / (3 * trainExamples)));
}

const highestRate = (network: PhaseNetwork): number => Math.max(...network.learningRates.values());
