import { LeaseRunDocument, RegisterWorkerDocument, type RegisterWorkerInput } from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import { sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';
import type { FeatureCache } from '@graft/training/feature-cache';
import { type ExecutionOutcome, executeRun, type RunExecution } from './execute-run.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { listenToCommands } from './listen-to-commands.js';
import { persistently, requestPersistently } from './persistently.js';

/** After trouble of this machine (no disk, no data) the run it handed back should find another worker first. */
const TROUBLED_PAUSE_MS = 10_000;

/** Well below the time that a shutdown has. */
const LEASE_TIMEOUT_MS = 5_000;

export interface WorkerOptions {
	readonly client: GraftClient;
	readonly registration: RegisterWorkerInput;
	readonly cacheDir: string;
	readonly checkpoints: RunExecution['checkpoints'];
	readonly featureCache?: FeatureCache | null;
	readonly dataAccess?: RunExecution['dataAccess'];
	readonly logger: Logger;
	readonly shutdown: AbortSignal;
	readonly onRegistered: () => void;
}

/** Why the worker ended: asked to, or because its process should be replaced. */
export type WorkerEnd = 'shutdown' | 'drained' | 'needs-restart';

/**
 * Registers, then leases and trains one run after another until the shutdown.
 * @throws GraftError CONFIGURATION where the API refuses this worker.
 */
export async function work(options: WorkerOptions): Promise<WorkerEnd> {
	const { client, logger, shutdown } = options;
	const drain = new AbortController();
	const stop = AbortSignal.any([shutdown, drain.signal]);
	const desk = { current: null as { runId: string; keeper: LeaseKeeper } | null, bell: new AbortController() };
	const ring = () => desk.bell.abort();
	// A push may have been missed while the API was away: ask as soon as it is back.
	const forget = client.onConnectionChange((state) => state === 'online' && ring());
	try {
		while (!stop.aborted) {
			const { id, heartbeatMs } = await register(options);
			const listening = new AbortController();
			listenToCommands({
				client,
				workerId: id,
				logger,
				signal: AbortSignal.any([listening.signal, stop]),
				onWork: ring,
				onRun: (runId) => desk.current?.runId === runId && desk.current.keeper.renewNow(),
				onDrain: () => drain.abort(),
			});
			const end = await leaseAndTrain(options, { id, heartbeatMs, stop, desk, drain: () => drain.abort() });
			listening.abort();
			if (end === 'needs-restart') return end;
		}
	} catch (error) {
		if (!stop.aborted) throw error;
	} finally {
		forget();
	}
	return shutdown.aborted ? 'shutdown' : 'drained';
}

async function register({ client, registration, logger, shutdown, onRegistered }: WorkerOptions) {
	const persistence = { signal: shutdown, logger };
	const input = { input: registration };
	const { registerWorker } = await requestPersistently(client, RegisterWorkerDocument, input, persistence);
	if (registerWorker.__typename !== 'WorkerRegistered') {
		throw new GraftError('CONFIGURATION', `The API does not accept this worker: ${registerWorker.message}`);
	}
	const { id, name } = registerWorker.worker;
	logger.info({ worker: name, workerId: id, backend: registration.backend }, 'Registered.');
	onRegistered();
	return { id, heartbeatMs: registerWorker.heartbeatSeconds * 1000 };
}

interface Desk {
	current: { runId: string; keeper: LeaseKeeper } | null;
	/** Rung when there may be work. */
	bell: AbortController;
}

/** Until the stop, the need for a new process, or the API not knowing this worker any more. */
async function leaseAndTrain(
	options: WorkerOptions,
	{
		id,
		heartbeatMs,
		stop,
		desk,
		drain,
	}: { id: string; heartbeatMs: number; stop: AbortSignal; desk: Desk; drain: () => void },
): Promise<'stopped' | 'unknown' | 'needs-restart'> {
	const { client, logger, shutdown, cacheDir, checkpoints, featureCache, dataAccess, registration } = options;
	while (!stop.aborted) {
		desk.bell = new AbortController();
		const { leaseRun } = await persistently(
			// Not cut short by a shutdown: the answer may hold a lease, which then is handed back at once.
			() => client.request(LeaseRunDocument, { workerId: id }, { timeoutMs: LEASE_TIMEOUT_MS }),
			{ signal: stop, logger },
		);
		if (leaseRun.__typename === 'NotFound') return 'unknown';
		if (leaseRun.__typename === 'NothingToDo') {
			if (leaseRun.draining) drain();
			await sleep(leaseRun.retryAfterSeconds * 1000, AbortSignal.any([stop, desk.bell.signal]));
			continue;
		}
		const { lease, run } = leaseRun;
		const runLogger = logger.child({ run: run.id, attempt: lease.attempt });
		runLogger.info({ name: run.name }, 'Run begins.');
		const begun = performance.now();
		const outcome = await executeRun({
			client,
			lease: { runId: lease.runId, token: lease.token },
			// The API made it from the same type; what is wrong in it surfaces in the training as DATA.
			spec: leaseRun.spec as RunSpec,
			resumeFrom: leaseRun.resumeFrom,
			checkpoints,
			heartbeatMs,
			cacheDir,
			featureCache,
			dataAccess,
			logger: runLogger,
			shutdown,
			introduction: [
				`Attempt ${lease.attempt} on worker ${registration.name}.`,
				`Back end: ${registration.backendReason ?? registration.backend}`,
			],
			onKeeper: (keeper) => {
				desk.current = { runId: lease.runId, keeper };
			},
		});
		desk.current = null;
		tell(runLogger, outcome, Math.round(performance.now() - begun));
		if (outcome.kind === 'fail' && outcome.endsProcess) return 'needs-restart';
		if (outcome.kind === 'hand-back' && outcome.troubled) await sleep(TROUBLED_PAUSE_MS, stop);
	}
	return 'stopped';
}

function tell(logger: Logger, outcome: ExecutionOutcome, ms: number): void {
	if (outcome.kind === 'succeeded') logger.info({ ms }, 'Run succeeded.');
	else if (outcome.kind === 'fail') logger.error({ ms, failure: outcome.failure }, 'Run failed.');
	else if (outcome.kind === 'cancel') logger.info({ ms }, 'Run cancelled.');
	else logger.warn({ ms, reason: outcome.reason }, outcome.kind === 'abandon' ? 'Run abandoned.' : 'Run handed back.');
}
