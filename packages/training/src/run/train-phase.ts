import { GraftError } from '@graft/domain/error';
import type { FreezePhase } from '@graft/domain/freeze-plan';
import * as tf from '@tensorflow/tfjs-core';
import { toHost } from '../network/device-weights.js';
import { keepStates } from '../optimizer/optimizer-state.js';
import { changingWeights, finalWeights, judgedWeights } from './averages.js';
import { batchFeed, type FedBatch } from './batch-feed.js';
import { watchBest } from './best-of-run.js';
import { diverged, refuseBrokenWeights } from './diverged.js';
import { distanceMetric, noteDistance } from './domain-distance.js';
import { evaluate } from './evaluate.js';
import { firstOf } from './example-source.js';
import type { PhaseNetwork } from './phase-network.js';
import type { PhaseLength } from './recipe.js';
import type { RunContext } from './run-context.js';
import { addScores, NO_SCORE, type Score, scoreMetrics } from './score.js';
import { headRateAt, type StepNetworks, stepNetworks } from './step-network.js';
import { trainStep } from './train-step.js';
import { trainingBatch } from './training-batch.js';
import { isOutOfMemory, tooLargeBatch } from './training-error.js';
import { prepareSources, type TailSources } from './trunk-activations.js';
import { bestEpoch, endPhase, hasStopped, watchEpoch, watchesValidation } from './watch-epoch.js';

/** Trains one phase, from where the state's position is in it to the position where the next one begins. */
export async function trainPhase(context: RunContext, phase: FreezePhase): Promise<void> {
	const { state, report } = context;
	const { epochsBefore } = state.position;
	const networks = stepNetworks(context, phase);
	const { part } = networks;
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
	try {
		await trainEpochs(context, phase, networks, sources);
	} finally {
		await sources.close();
	}
	refuseBrokenWeights(context, await toHost(finalWeights(state)), phase);
	const { epochs } = state.position;
	const best = bestEpoch(state);
	const how = hasStopped(state) ? `was stopped after ${epochs} of ${phase.epochs} epochs` : 'is done';
	const back = best === null ? '' : ` Its weights are those of its epoch ${best}, the best one.`;
	report.event('PHASE_FINISHED', state.step, `Phase ${phase.index + 1} ${how}.${back}`, {
		phase: phase.index,
		epochs,
		bestEpoch: best,
	});
	endPhase(state);
	state.position = { ...state.position, phase: phase.index + 1, epochsBefore: epochsBefore + epochs, epochs: 0 };
}

async function trainEpochs(
	context: RunContext,
	phase: FreezePhase,
	networks: StepNetworks,
	sources: TailSources,
): Promise<void> {
	const { spec, network, state, objective, recipe, totalSteps, report, checkpoints, pause } = context;
	const { part } = networks;
	const { epochsBefore } = state.position;
	const seldom = epochsBetweenValidations(context.train.count, context.validation.count);
	const every = watchesValidation(recipe) ? 1 : seldom;
	const length = { stepsPerEpoch: Math.ceil(context.train.count / spec.batchSize), epochs: phase.epochs };
	const began = performance.now();
	let waitedMs = 0;
	const feed = batchFeed(context, sources.train, length, (milliseconds) => {
		waitedMs += milliseconds;
	});
	for (let epoch = state.position.epochs + 1; epoch <= phase.epochs && !hasStopped(state); epoch++) {
		const train = await trainEpoch(context, networks, sources, feed, length, phase.index, epochsBefore + epoch);
		const isDue = epoch === phase.epochs || epoch % every === 0;
		const layers = sources.trunkDone ? part.tail : network.layers;
		const validation = isDue
			? await evaluate(layers, judgedWeights(state), sources.validation, objective, pause)
			: state.position.scores.validation;
		const { task } = spec.dataset;
		const scored = {
			...scoreMetrics('train', train, task),
			...(isDue && scoreMetrics('val', validation, task)),
		};
		// The rate of the epoch's last step.
		const { factor } = recipe.at(
			{ ...state, position: { ...state.position, batches: length.stepsPerEpoch - 1 } },
			length,
		);
		report.metrics(state.step, {
			epoch: epochsBefore + epoch,
			...scored,
			...distanceMetric(state),
			learning_rate: headRateAt(phase, (state.step - 1) / totalSteps) * factor,
			examples: (epochsBefore + epoch) * context.train.count,
		});
		const scores = { train, validation };
		state.position = { ...state.position, epochs: epoch, batches: 0, sum: NO_SCORE, scores };
		watchBest(state, context.best, scored);
		watchEpoch(state, recipe, phase, epoch - 1, scored, changingWeights(part));
		const isLast = epoch === phase.epochs || hasStopped(state);
		if (isLast) report.skip(phase.epochs - epoch, (phase.epochs - epoch) * length.stepsPerEpoch);
		report.progress({ phase: phase.index, epoch: epochsBefore + epoch, step: state.step }, isLast);
		if (!isLast) await checkpoints.offer();
	}
	if (sources.train.ahead > 0) {
		const [waited, all] = [waitedMs, performance.now() - began].map((ms) => (ms / 1000).toFixed(2));
		report.log(`Training waited ${waited} s of ${all} s for data.`);
	}
}

async function trainEpoch(
	context: RunContext,
	networks: StepNetworks,
	{ trunkDone }: TailSources,
	feed: AsyncGenerator<FedBatch, void, undefined>,
	length: PhaseLength,
	phase: number,
	epoch: number,
): Promise<Score> {
	const { spec, state, objective, recipe, penalty, adaptation, report, checkpoints, pause } = context;
	const settings = { trunkDone, objective, recipe, seed: spec.seed, penalty, adaptation };
	for (let left = length.stepsPerEpoch - state.position.batches; left > 0; left--) {
		const { value } = await feed.next();
		if (value === undefined) throw new GraftError('BUG', `The phase has no batch for step ${state.step}.`);
		const { examples, target, isLast } = value;
		const step = async (size: number) => {
			const batch = trainingBatch(firstOf(examples, size), objective, recipe.mixup, spec.seed, state.step);
			const network = networks.at(state.step);
			const distances: tf.Scalar[] = [];
			const now = recipe.at(state, length);
			const onDistance = (one: tf.Scalar) => distances.push(one);
			const beside = target && firstOf(target, size);
			const outputs = trainStep(state, batch, { ...settings, network, now, target: beside, onDistance });
			const judged = objective.judged(outputs, batch.labels);
			const score = objective.scoreTargets((await judged.data()) as Float32Array, batch.targets);
			const apart = await distances[0]?.data();
			tf.dispose([outputs, judged, ...distances]);
			return { network, score, apart };
		};
		const { network, score, apart } = await step(examples.count).catch(async (error: unknown) => {
			if (!isOutOfMemory(error)) throw error;
			throw await tooLargeBatch(error, examples.count, async (size) => void (await step(size)));
		});
		if (!Number.isFinite(score.loss)) {
			const what = `The loss is ${score.loss} at step ${state.step} (epoch ${epoch})`;
			throw diverged(context, what, highestRate(network));
		}
		const { batches, sum } = state.position;
		state.position = { ...state.position, batches: batches + 1, sum: addScores(sum, score) };
		if (apart !== undefined) noteDistance(state, apart[0] ?? 0);
		report.progress({ phase, epoch, step: state.step });
		await pause();
		// After the last batch the epoch's metrics are still to be told.
		if (!isLast) await checkpoints.offer();
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
