import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import { type LoadedDataset, loadDataset, type SplitName } from '../dataset/index.js';
import { disposeWeights, toDevice, toHost } from '../network/device-weights.js';
import { type HostWeights, initialWeights } from '../network/initial-weights.js';
import { buildNetwork, type Network } from '../network/network.js';
import { keepStates } from '../optimizer/optimizer-state.js';
import { updateRule } from '../optimizer/update-rule.js';
import { writeSafetensors } from '../safetensors/index.js';
import { drawLabelled } from './draws.js';
import { evaluateTest } from './evaluate-test.js';
import { sourceOf } from './example-source.js';
import { pauseFor, type RunContext } from './run-context.js';
import { createReport } from './run-report.js';
import { accuracy, meanLoss, NO_SCORE } from './score.js';
import { type PhaseScores, trainPhase } from './train-phase.js';
import type { TrainRequest, TrainResult } from './train-request.js';
import { trainingError } from './training-error.js';
import { TRUNK_BYTES } from './trunk-activations.js';
import { chosenOf, type RunSplit } from './trunk-features.js';
import { verifyPlan } from './verify-plan.js';

/**
 * Carries out a run on the chosen back end: the phases of its freeze plan one after the other, one look at the test
 * split at the end, and a comparison of every weight with the start. The same spec gives the same bytes on one back end.
 * @throws GraftError DATA, DIVERGED, OUT_OF_MEMORY, PLAN_VIOLATED, BUG, or the signal's reason.
 */
export async function trainRun(request: TrainRequest): Promise<TrainResult> {
	const { spec, hooks, signal, now = Date.now } = request;
	const pause = pauseFor(signal);
	await pause();
	const network = buildNetwork(spec);
	const dataset = await loadDataset(spec.dataset);
	const before = initialWeights(network, spec.seed, pretrainedFor(spec, request.weights));
	const context = prepare(request, network, dataset, before, now);
	const { state, report } = context;
	try {
		hooks.onLog(describe(context));
		let scores: PhaseScores = { train: NO_SCORE, validation: NO_SCORE };
		let epochs = 0;
		for (const phase of spec.plan.phases) {
			scores = await trainPhase(context, phase, epochs);
			epochs += phase.epochs;
		}
		const test = await evaluateTest(context, network);
		report.metrics(state.step, { test_loss: meanLoss(test), test_accuracy: accuracy(test) });
		const after = await toHost(state.weights);
		const { verification, violations } = verifyPlan(network, spec.plan, before, after);
		if (violations.length > 0) {
			const message = `The plan holds these frozen, but they changed: ${violations.join(', ')}.`;
			throw new GraftError('PLAN_VIOLATED', message, { violations, verification });
		}
		report.event('PLAN_VERIFIED', state.step, 'Every weight that the plan holds frozen is bit by bit as it was.');
		return {
			checkpoint: writeSafetensors(after, { step: String(state.step), architecture: spec.backbone.architecture }),
			verification,
			summary: {
				trainLoss: meanLoss(scores.train),
				trainAccuracy: accuracy(scores.train),
				valLoss: meanLoss(scores.validation),
				valAccuracy: accuracy(scores.validation),
				testLoss: meanLoss(test),
				testAccuracy: accuracy(test),
				trainExamples: context.train.count,
				trainableParameters: spec.plan.trainableParameters,
				seconds: report.elapsed(),
			},
			steps: state.step,
		};
	} catch (error) {
		throw trainingError(error, spec);
	} finally {
		keepStates(state.optimizer, new Set());
		disposeWeights(state.weights);
	}
}

function prepare(
	{ spec, hooks, signal, trunkBytes = TRUNK_BYTES, featureCache = null }: TrainRequest,
	network: Network,
	dataset: LoadedDataset,
	before: HostWeights,
	now: () => number,
): RunContext {
	const split = (name: SplitName, rows: readonly number[] | null = null): RunSplit => ({
		name,
		all: sourceOf(dataset.splits[name], network.inputShape),
		rows,
	});
	const { labels } = dataset.splits.train;
	const labelled =
		spec.trainExamplesPerClass === null ? null : drawLabelled(labels, spec.trainExamplesPerClass, spec.seed);
	const splits = { train: split('train', labelled), validation: split('validation'), test: split('test') };
	const train = chosenOf(splits.train);
	const epochs = spec.plan.phases.reduce((sum, phase) => sum + phase.epochs, 0);
	const steps = epochs * Math.ceil(train.count / spec.batchSize);
	return {
		spec,
		network,
		state: { weights: toDevice(before), optimizer: new Map(), step: 0 },
		rule: updateRule(spec.optimizer),
		splits,
		train,
		validation: splits.validation.all,
		report: createReport(hooks, now, { epochs, steps }),
		trunkBytes,
		cache: featureCache,
		pause: pauseFor(signal),
	};
}

/** The file to start from, or null where the run starts from random weights. */
function pretrainedFor({ plan, backbone }: RunSpec, weights: Uint8Array | null): Uint8Array | null {
	if (!plan.startsFromPretrained || backbone.weightsDigest === null) return null;
	if (weights === null) throw new GraftError('BUG', `The weights of backbone ${backbone.name} were not handed over.`);
	return weights;
}

function describe({ spec, network, train, validation }: RunContext): string {
	const start =
		spec.plan.startsFromPretrained && spec.backbone.weightsDigest !== null ? 'its weights' : 'random weights';
	return `${spec.strategy.kind} on ${spec.backbone.name} from ${start}: ${network.layers.length} layers, ${train.count} training and ${validation.count} validation examples, seed ${spec.seed}.`;
}
