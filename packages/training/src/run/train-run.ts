import { GraftError } from '@graft/domain/error';
import { loadDataset } from '../dataset/index.js';
import { checkTokens } from '../network/check-tokens.js';
import { toHost } from '../network/device-weights.js';
import type { HostWeights } from '../network/initial-weights.js';
import { mergeAdapters } from '../network/merge-adapters.js';
import { buildNetwork, type Network } from '../network/network.js';
import { writeSafetensors } from '../safetensors/index.js';
import { adaptStatistics } from './adapt-statistics.js';
import { bestWeights } from './best-of-run.js';
import { accessOf } from './dataset-access.js';
import { evaluate } from './evaluate.js';
import { evaluateTest } from './evaluate-test.js';
import { describeRun, prepareRun, startOf } from './prepare-run.js';
import { pauseFor, type RunContext } from './run-context.js';
import { type Score, scoreMetrics, scoreSummary } from './score.js';
import { trainPhase } from './train-phase.js';
import type { StepWeights, TrainRequest, TrainResult } from './train-request.js';
import { trainingError } from './training-error.js';
import { disposeState } from './training-state.js';
import { verifyPlan } from './verify-plan.js';

/**
 * Carries out a run on the chosen back end: the phases of its freeze plan one after the other, one look at the test
 * split at the end, and a comparison of every weight with the start. The same spec gives the same bytes on one back end,
 * in one go or resumed from any of its checkpoints.
 * @throws GraftError DATA, DIVERGED, OUT_OF_MEMORY, PLAN_VIOLATED, BUG, or the signal's reason.
 */
export async function trainRun(request: TrainRequest): Promise<TrainResult> {
	const { spec, hooks, signal } = request;
	await pauseFor(signal)();
	const network = buildNetwork(spec);
	// Data in memory have their tokens already.
	const access = request.dataset === undefined ? accessOf(request, network) : {};
	const dataset = request.dataset ?? (await loadDataset(spec.dataset, access));
	checkTokens(network, dataset);
	const start = startOf(request, network);
	const target = spec.target === undefined ? null : await loadDataset(spec.target, access);
	if (target !== null) checkTokens(network, target);
	const context = prepareRun(request, network, dataset, target, start);
	const { state, report, checkpoints } = context;
	try {
		hooks.onLog(describeRun(context));
		for (const phase of spec.plan.phases.slice(state.position.phase)) {
			await trainPhase(context, phase);
			// The last phase's checkpoint comes after the test: until then this step has points to tell.
			if (phase !== spec.plan.phases.at(-1)) await checkpoints.offer(true);
		}
		const test = state.position.test ?? (await lookAtTest(context));
		const { scores } = state.position;
		const after = await toHost(state.weights);
		const { verification, violations } = verifyPlan(network, spec.plan, start, after);
		if (violations.length > 0) {
			const message = `The plan holds these frozen, but they changed: ${violations.join(', ')}.`;
			throw new GraftError('PLAN_VIOLATED', message, { violations, verification });
		}
		report.event('PLAN_VERIFIED', state.step, 'Every weight that the plan holds frozen is bit by bit as it was.');
		return {
			checkpoint: fileOf(context, after, state.step),
			best: await bestOf(context),
			verification,
			summary: {
				...scoreSummary('train', scores.train, spec.dataset.task),
				...scoreSummary('val', scores.validation, spec.dataset.task),
				...scoreSummary('test', test, spec.dataset.task),
				trainExamples: context.train.count,
				trainableParameters: spec.plan.trainableParameters,
				seconds: report.elapsed(),
			},
			steps: state.step,
		};
	} catch (error) {
		if (isLeaving(error)) await checkpoints.take();
		throw trainingError(error, spec);
	} finally {
		disposeState(state);
		context.penalty?.dispose();
	}
}

async function lookAtTest(context: RunContext): Promise<Score> {
	const { spec, network, state, target, objective, report, checkpoints, pause } = context;
	if (spec.strategy.kind === 'ADABN') await adaptStatistics(context);
	const test = await evaluateTest(context, network);
	const judged = target?.test ?? null;
	const there = judged === null ? null : await evaluate(network.layers, state.weights, judged, objective, pause);
	report.metrics(state.step, {
		...scoreMetrics('test', test, spec.dataset.task),
		...(there !== null && scoreMetrics('target_test', there, spec.dataset.task)),
	});
	state.position = { ...state.position, test };
	await checkpoints.offer(true);
	return test;
}

async function bestOf(context: RunContext): Promise<StepWeights | null> {
	const best = bestWeights(context.state);
	return best && { checkpoint: fileOf(context, await toHost(best.weights), best.step), step: best.step };
}

const fileOf = ({ spec, network }: RunContext, weights: HostWeights, step: number): Uint8Array =>
	writeSafetensors(resultOf(network, weights), { step: String(step), architecture: spec.backbone.architecture });

/** The tensors of backbone and head, low-rank updates merged into their kernels. */
function resultOf(network: Network, weights: HostWeights): HostWeights {
	const own = new Set(network.weights.map(({ name }) => name));
	return new Map([...mergeAdapters(network, weights)].filter(([name]) => own.has(name)));
}

/** The run is only interrupted (a pause, a trainer that stops): somebody will go on with it. */
const isLeaving = (error: unknown): boolean => error instanceof GraftError && error.code === 'SHUTDOWN';
