import { FinishRunDocument, type FinishRunInput, type LeaseInput, ReleaseRunDocument } from '@graft/client/gql';
import { EventPusher, type GraftClient, LogPusher, MetricPusher, uploadArtifact } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import type { Logger } from '@graft/runtime/logger';
import type { FeatureCache } from '@graft/training/feature-cache';
import { type TrainResult, trainRun } from '@graft/training/run';
import { classifyFailure, type FailureDecision } from './classify-failure.js';
import { keepLease, type LeaseKeeper } from './lease-keeper.js';
import { persistently, requestPersistently } from './persistently.js';
import { loadWeights } from './weight-cache.js';

export interface RunExecution {
	readonly client: GraftClient;
	readonly lease: LeaseInput;
	readonly spec: RunSpec;
	readonly heartbeatMs: number;
	readonly cacheDir: string;
	/** Shared by all runs of this machine; absent: activations live as long as a phase. */
	readonly featureCache?: FeatureCache | null;
	readonly logger: Logger;
	/** Aborts when this trainer has to leave: the run is handed back. */
	readonly shutdown: AbortSignal;
	/** Lines that begin the run's log: who runs it, and on what. */
	readonly introduction: readonly string[];
	/** Told while the run is held, so that pushes about it reach its lease. */
	readonly onKeeper?: (keeper: LeaseKeeper) => void;
}

export type ExecutionOutcome = { readonly kind: 'succeeded' } | FailureDecision;

/** Trains one leased run and reports it to its end, whatever that end is. */
export async function executeRun(execution: RunExecution): Promise<ExecutionOutcome> {
	const { client, lease, heartbeatMs, logger, shutdown } = execution;
	const keeper = keepLease({ client, lease, heartbeatMs, logger });
	const leave = () => keeper.abort(new GraftError('SHUTDOWN', 'The trainer was asked to stop.'));
	shutdown.addEventListener('abort', leave, { once: true });
	if (shutdown.aborted) leave();
	execution.onKeeper?.(keeper);
	const reports = openReports(execution, keeper);
	try {
		const result = await train(execution, keeper, reports);
		await reports.flush();
		await store(execution, keeper, result);
		const { verification, summary } = result;
		await finish(execution, keeper.signal, { lease, outcome: 'SUCCEEDED', verification, summary });
		return { kind: 'succeeded' };
	} catch (error) {
		// An abort surfaces in many shapes (a cancelled request, a stopped pusher); its reason is the truth.
		const decision = classifyFailure(keeper.signal.aborted ? keeper.signal.reason : error);
		logger.debug({ error, decision: decision.kind }, 'The run did not reach its end.');
		await report(execution, decision, reports);
		return decision;
	} finally {
		shutdown.removeEventListener('abort', leave);
		reports.stop();
		await keeper.stop();
	}
}

async function train(execution: RunExecution, keeper: LeaseKeeper, reports: Reports): Promise<TrainResult> {
	const { client, spec, cacheDir, logger } = execution;
	const { signal } = keeper;
	void reports.logs.push(execution.introduction);
	const digest = spec.plan.startsFromPretrained ? spec.backbone.weightsDigest : null;
	const weights =
		digest === null
			? null
			: await persistently(() => loadWeights(client, digest, cacheDir, signal), { signal, logger });
	return await trainRun({
		spec,
		weights,
		signal,
		featureCache: execution.featureCache,
		hooks: {
			onMetrics: (points) => void reports.metrics.push(points),
			onProgress: keeper.report,
			onEvent: (event) => void reports.events.push([event]),
			onLog: (line) => void reports.logs.write(line),
		},
	});
}

async function store({ client, lease, logger }: RunExecution, { signal }: LeaseKeeper, result: TrainResult) {
	const file = { name: 'final', kind: 'checkpoint', bytes: result.checkpoint, step: result.steps };
	await persistently(() => uploadArtifact(client, lease, file, signal), { signal, logger });
}

/** Tells the API how a run ended that did not succeed. Whatever fails here leaves the lease to run out by itself. */
async function report(execution: RunExecution, decision: FailureDecision, reports: Reports): Promise<void> {
	const { client, lease, heartbeatMs, logger } = execution;
	if (decision.kind === 'abandon') return;
	const signal = AbortSignal.timeout(2 * heartbeatMs);
	try {
		if (decision.kind === 'hand-back') {
			await requestPersistently(client, ReleaseRunDocument, { lease, reason: decision.reason }, { signal, logger });
			return;
		}
		if (decision.kind === 'fail') void reports.logs.write(`${decision.failure.kind}: ${decision.failure.message}`);
		await Promise.race([reports.flush().catch(() => undefined), aborted(signal)]);
		const ending: FinishRunInput =
			decision.kind === 'cancel'
				? { lease, outcome: 'CANCELLED' }
				: { lease, outcome: 'FAILED', failure: decision.failure };
		await finish(execution, signal, ending);
	} catch (error) {
		logger.warn({ error }, 'The end of the run could not be reported; its lease will run out.');
	}
}

async function finish({ client, logger }: RunExecution, signal: AbortSignal, input: FinishRunInput): Promise<void> {
	const { finishRun } = await requestPersistently(client, FinishRunDocument, { input }, { signal, logger });
	if (finishRun.__typename === 'LeaseLost') {
		throw new GraftError('LEASE_LOST', `The lease is lost: ${finishRun.reason}`);
	}
}

type Reports = ReturnType<typeof openReports>;

function openReports({ client, lease, logger }: RunExecution, keeper: LeaseKeeper) {
	const options = {
		onLost: (reason: string) => keeper.abort(new GraftError('LEASE_LOST', `The lease is lost: ${reason}`)),
		onRetry: (error: GraftError, attempt: number) => logger.debug({ attempt }, error.message),
	};
	const metrics = new MetricPusher(client, lease, options);
	const logs = new LogPusher(client, lease, options);
	const events = new EventPusher(client, lease, options);
	const all = [metrics, logs, events];
	return {
		metrics,
		logs,
		events,
		flush: async () => void (await Promise.all(all.map((pusher) => pusher.flush()))),
		stop: () => {
			for (const pusher of all) pusher.stop();
		},
	};
}

const aborted = (signal: AbortSignal) =>
	new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
