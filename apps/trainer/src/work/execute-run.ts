import type { FinishRunInput, LeaseAnswerFragment } from '@graft/client/gql';
import { uploadArtifact } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import type { FeatureCache } from '@graft/training/feature-cache';
import { isUnusableCheckpoint, type TrainRequest, type TrainResult, trainRun } from '@graft/training/run';
import { type CheckpointKeeper, type CheckpointPace, keepCheckpoints } from '../checkpoint/keep-checkpoints.js';
import type { LocalCheckpoints } from '../checkpoint/local-checkpoints.js';
import { type OfferedCheckpoint, openCheckpoint, refuseCheckpoint } from '../checkpoint/open-checkpoint.js';
import { classifyFailure, type FailureDecision } from './classify-failure.js';
import { type EndingRun, finishRun, reportFailure } from './end-run.js';
import { loadFile } from './file-cache.js';
import { keepLease, type LeaseKeeper } from './lease-keeper.js';
import { openReports, type Reports } from './open-reports.js';
import { persistently } from './persistently.js';

/** Of the 10 s that a trainer has to leave: what is left then is for the release, and for the process to end. */
const SHUTDOWN_UPLOAD_MS = 7_000;

export interface RunExecution extends EndingRun {
	readonly spec: RunSpec;
	/** The checkpoint that an earlier attempt left; null: none. */
	readonly resumeFrom: OfferedCheckpoint | null;
	readonly checkpoints: { readonly files: LocalCheckpoints; readonly pace: CheckpointPace };
	readonly cacheDir: string;
	/** Shared by all runs of this machine; absent: activations live as long as a phase. */
	readonly featureCache?: FeatureCache | null;
	/** What reading data may use of this machine. */
	readonly dataAccess?: TrainRequest['access'];
	/** Lines that begin the run's log: who runs it, and on what. */
	readonly introduction: readonly string[];
	/** Told while the run is held, so that pushes about it reach its lease. */
	readonly onKeeper?: (keeper: LeaseKeeper) => void;
}

export type ExecutionOutcome = ({ readonly kind: 'succeeded' } | FailureDecision) & {
	/** What the API answered to `next`; null: it was not asked, or nobody knows. */
	readonly next: LeaseAnswerFragment | null;
};

/** Trains one leased run and reports it to its end, whatever that end is. */
export async function executeRun(execution: RunExecution): Promise<ExecutionOutcome> {
	const { client, lease, heartbeatMs, logger, shutdown } = execution;
	const keeper = keepLease({ client, lease, heartbeatMs, logger });
	const leave = () => keeper.abort(new GraftError('SHUTDOWN', 'The trainer was asked to stop.'));
	shutdown.addEventListener('abort', leave, { once: true });
	if (shutdown.aborted) leave();
	execution.onKeeper?.(keeper);
	const reports = openReports(execution, keeper);
	const checkpoints = keepCheckpoints({ client, lease, ...execution.checkpoints, flush: reports.flush, logger });
	const leaving = leaveInTime(shutdown);
	try {
		const result = await train(execution, keeper, reports, checkpoints);
		await reports.flush();
		await checkpoints.settle(keeper.signal);
		await store(execution, keeper, result);
		const { verification, summary } = result;
		const { progress } = keeper;
		const ending: FinishRunInput = { lease, outcome: 'SUCCEEDED', verification, summary, progress };
		const next = await finishRun(execution, keeper.signal, ending);
		await execution.checkpoints.files.forget(lease.runId);
		return { kind: 'succeeded', next };
	} catch (error) {
		// An abort surfaces in many shapes (a cancelled request, a stopped pusher); its reason is the truth.
		const decision = classifyFailure(keeper.signal.aborted ? keeper.signal.reason : error);
		logger.debug({ error, decision: decision.kind }, 'The run did not reach its end.');
		const next = await reportFailure(execution, decision, reports, (ms) =>
			checkpoints.settle(AbortSignal.any([AbortSignal.timeout(ms), leaving.signal])),
		);
		return { ...decision, next };
	} finally {
		leaving.forget();
		shutdown.removeEventListener('abort', leave);
		checkpoints.stop();
		reports.stop();
		await keeper.stop();
	}
}

/** Aborts when a shutdown has no more time for what is under way. */
function leaveInTime(shutdown: AbortSignal) {
	const late = new AbortController();
	let timer: ReturnType<typeof setTimeout> | undefined;
	const begin = () => {
		timer = setTimeout(() => late.abort(), SHUTDOWN_UPLOAD_MS);
	};
	if (shutdown.aborted) begin();
	shutdown.addEventListener('abort', begin, { once: true });
	return {
		signal: late.signal,
		forget: () => {
			clearTimeout(timer);
			shutdown.removeEventListener('abort', begin);
		},
	};
}

/** Trains from the newest checkpoint that is of use, or from the start. */
async function train(
	execution: RunExecution,
	keeper: LeaseKeeper,
	reports: Reports,
	checkpoints: CheckpointKeeper,
): Promise<TrainResult> {
	const { client, lease, spec, cacheDir, logger } = execution;
	const { signal } = keeper;
	const { files } = execution.checkpoints;
	reports.logs.push(execution.introduction);
	const load = async (digest: string | null) =>
		digest === null ? null : await persistently(() => loadFile(client, digest, cacheDir, signal), { signal, logger });
	const weights = await load(spec.plan.startsFromPretrained ? spec.backbone.weightsDigest : null);
	const tokenizer = await load(spec.backbone.input.tokenizer);
	const source = { client, lease, files, signal, logger };
	for (let offered = execution.resumeFrom; ; ) {
		const from = await openCheckpoint(source, offered);
		try {
			return await trainRun({
				spec,
				weights,
				tokenizer,
				signal,
				resume: from?.bytes ?? null,
				checkpoints: checkpoints.request(from?.step ?? 0),
				featureCache: execution.featureCache,
				access: execution.dataAccess,
				hooks: {
					onMetrics: (points) => reports.metrics.push(points),
					onProgress: keeper.report,
					onEvent: (event) => reports.events.push([event]),
					onLog: (line) => reports.logs.write(line),
				},
			});
		} catch (error) {
			if (from === null || !isUnusableCheckpoint(error)) throw error;
			offered = await refuseCheckpoint(source, from.digest, error.message);
		}
	}
}

async function store({ client, lease, logger }: RunExecution, { signal }: LeaseKeeper, result: TrainResult) {
	const last = { checkpoint: result.checkpoint, step: result.steps };
	// The last weights come last: they are what the run is taken for where nothing else is asked for.
	for (const [name, weights] of [['best', result.best] as const, ['final', last] as const]) {
		if (weights === null) continue;
		const file = { name, kind: 'checkpoint', bytes: weights.checkpoint, step: weights.step };
		await persistently(() => uploadArtifact(client, lease, file, signal), { signal, logger });
	}
}
