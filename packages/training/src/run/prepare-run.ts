import { outputsOf } from '@graft/domain/dataset';
import { GraftError } from '@graft/domain/error';
import { canonicalJson } from '@graft/domain/json';
import type { RunSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import type { LoadedDataset, SplitName } from '../dataset/index.js';
import { type HostWeights, initialWeights } from '../network/initial-weights.js';
import type { Network } from '../network/network.js';
import { augmentedSource } from './augmented-source.js';
import { beginBest, createBestOfRun } from './best-of-run.js';
import { createCheckpointing, resumeState } from './checkpointing.js';
import { refuseBrokenWeights } from './diverged.js';
import { createAdaptation } from './domain-adaptation.js';
import { drawLabelled } from './draws.js';
import { sourceOf } from './example-source.js';
import { createObjective } from './objective.js';
import { createRecipe } from './recipe.js';
import { pauseFor, type RunContext, type RunTarget } from './run-context.js';
import { createReport } from './run-report.js';
import { createStartPenalty } from './start-penalty.js';
import type { TrainRequest } from './train-request.js';
import { TRUNK_BYTES } from './trunk-activations.js';
import { chosenOf, type RunSplit } from './trunk-features.js';

/** The weights that a run begins with, the same for each of its attempts. */
export function startOf({ spec, weights }: TrainRequest, network: Network): HostWeights {
	return initialWeights(network, spec.seed, pretrainedFor(spec, weights));
}

/** Everything that the run's parts share, with the state of the checkpoint that it goes on from, or of the start. */
export function prepareRun(
	{ spec, hooks, signal, now = Date.now, ...request }: TrainRequest,
	network: Network,
	dataset: LoadedDataset,
	target: LoadedDataset | null,
	start: HostWeights,
): RunContext {
	const augmentation = spec.training?.augmentation ?? null;
	const augmenting = { augmentation, seed: spec.seed, threads: request.access?.threads ?? 0 };
	const split = (name: SplitName, rows: readonly number[] | null = null): RunSplit => ({
		name,
		// Validation and test see examples as they are.
		all: augmentedSource(
			dataset.splits[name],
			network.inputShape,
			name === 'train' ? augmenting : { ...augmenting, augmentation: null },
		),
		rows,
	});
	const { labels } = dataset.splits.train;
	const labelled =
		spec.trainExamplesPerClass === null ? null : drawLabelled(labels, spec.trainExamplesPerClass, spec.seed);
	const splits = { train: split('train', labelled), validation: split('validation'), test: split('test') };
	const train = chosenOf(splits.train);
	const { state, seconds, backend } = resumeState(spec, start, request.resume ?? null);
	const best = createBestOfRun(spec, network);
	if (best !== null && request.resume == null) beginBest(state);
	// Phases that are over may have been stopped early.
	const left = spec.plan.phases.slice(state.position.phase);
	const epochs = left.reduce((sum, phase) => sum + phase.epochs, state.position.epochsBefore);
	const steps = epochs * Math.ceil(train.count / spec.batchSize);
	const report = createReport(hooks, now, { epochs, steps }, seconds);
	const checkpoints = createCheckpointing({
		spec,
		start,
		state,
		request: request.checkpoints,
		resumed: request.resume != null,
		elapsed: report.elapsed,
		inspect: (weights) => refuseBrokenWeights(context, weights, spec.plan.phases[state.position.phase]),
	});
	const seen = target === null ? null : targetOf(spec, target, dataset, network);
	const context: RunContext = {
		spec,
		network,
		state,
		objective: createObjective(spec, network.outputs, train.labels),
		recipe: createRecipe(spec),
		best,
		preprocessing: dataset.preprocessing,
		splits,
		train,
		validation: splits.validation.all,
		target: seen,
		penalty: createStartPenalty(spec, network, start),
		adaptation: createAdaptation(spec, network, seen, steps),
		totalSteps: steps,
		start,
		report,
		checkpoints,
		trunkBytes: request.trunkBytes ?? TRUNK_BYTES,
		cache: request.featureCache ?? null,
		pause: pauseFor(signal),
	};
	if (request.resume != null) tellResumed(context, backend);
	return context;
}

function targetOf(
	spec: RunSpec,
	target: LoadedDataset,
	{ classes }: LoadedDataset,
	{ inputShape }: Network,
): RunTarget {
	if (canonicalJson(target.inputShape) !== canonicalJson(inputShape)) {
		const [wanted, found] = [inputShape.join(' x '), target.inputShape.join(' x ')];
		throw new GraftError('DATA', `The target has inputs of ${found}, and the network takes ${wanted}.`);
	}
	const isLabelled = spec.target !== undefined && outputsOf(spec.target) > 0;
	const isJudged = isLabelled && canonicalJson(target.classes) === canonicalJson(classes);
	return {
		train: sourceOf(target.splits.train, inputShape),
		test: isJudged ? sourceOf(target.splits.test, inputShape) : null,
	};
}

function tellResumed({ state, spec, report }: RunContext, backend: string): void {
	const { phase, epochsBefore, epochs } = state.position;
	const where = `step ${state.step} (phase ${phase + 1} of ${spec.plan.phases.length}, ${epochsBefore + epochs} epochs done)`;
	report.event('RUN_RESUMED', state.step, `Training goes on from ${where}.`, { phase, epochs: epochsBefore + epochs });
	if (backend === tf.getBackend()) return;
	report.log(
		`The checkpoint is of back end ${backend}: on ${tf.getBackend()} the last bits of the numbers may differ.`,
	);
}

/** The file to start from, or null where the run starts from random weights. */
function pretrainedFor({ plan, backbone }: RunSpec, weights: Uint8Array | null): Uint8Array | null {
	if (!plan.startsFromPretrained || backbone.weightsDigest === null) return null;
	if (weights === null) throw new GraftError('BUG', `The weights of backbone ${backbone.name} were not handed over.`);
	return weights;
}

export function describeRun({ spec, network, train, validation }: RunContext): string {
	const start =
		spec.plan.startsFromPretrained && spec.backbone.weightsDigest !== null ? 'its weights' : 'random weights';
	return `${spec.strategy.kind} on ${spec.backbone.name} from ${start}: ${network.layers.length} layers, ${train.count} training and ${validation.count} validation examples, seed ${spec.seed}.`;
}
