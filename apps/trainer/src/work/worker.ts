import { randomBytes } from 'node:crypto';
import {
	type LeaseAnswerFragment,
	LeaseRunDocument,
	type NextLeaseInput,
	RegisterWorkerDocument,
	type RegisterWorkerInput,
} from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import { sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';
import type { Job, Seat } from '../seat/seat.js';
import type { ExecutionOutcome } from './execute-run.js';
import { listenToCommands } from './listen-to-commands.js';
import { type Persistence, persistently, requestPersistently } from './persistently.js';

/** After trouble of this machine (no disk, no data) the run it handed back should find another worker first. */
const TROUBLED_PAUSE_MS = 10_000;

/** Well below the time that a shutdown has. */
const LEASE_TIMEOUT_MS = 5_000;

export interface WorkerOptions {
	readonly client: GraftClient;
	readonly registration: RegisterWorkerInput;
	/** As many runs are trained at once. */
	readonly seats: readonly Seat[];
	readonly logger: Logger;
	readonly shutdown: AbortSignal;
	readonly onRegistered: () => void;
}

/** Why the worker ended: asked to, or because its process should be replaced. */
export type WorkerEnd = 'shutdown' | 'drained' | 'needs-restart';

/**
 * Registers, then leases and trains, at each seat one run after another, until the shutdown.
 * @throws GraftError CONFIGURATION where the API refuses this worker.
 */
export async function work(options: WorkerOptions): Promise<WorkerEnd> {
	const { client, seats, logger, shutdown } = options;
	const drain = new AbortController();
	const stop = AbortSignal.any([shutdown, drain.signal]);
	const desk = createDesk();
	// A push may have been missed while the API was away: ask as soon as it is back.
	const forget = client.onConnectionChange((state) => state === 'online' && desk.ring());
	try {
		while (!stop.aborted) {
			const { id, heartbeatMs } = await register(options);
			const round = new AbortController();
			const signal = AbortSignal.any([round.signal, stop]);
			listenToCommands({
				client,
				workerId: id,
				logger,
				signal,
				onWork: desk.ring,
				onRun: (runId) => desk.runs.get(runId)?.renewNow(),
				onDrain: () => drain.abort(),
			});
			const shift = { id, heartbeatMs, stop: signal, desk, drain: () => drain.abort() };
			// What ends the work at one seat ends it at all, each after its run.
			const ends = await Promise.allSettled(
				seats.map((seat) => leaseAndTrain(options, seat, shift).finally(() => round.abort())),
			);
			for (const end of ends) {
				if (end.status === 'rejected') throw end.reason;
				if (end.value === 'needs-restart') return end.value;
			}
		}
	} catch (error) {
		if (!stop.aborted) throw error;
	} finally {
		forget();
	}
	return shutdown.aborted ? 'shutdown' : 'drained';
}

async function register({ client, registration, logger, shutdown, onRegistered }: WorkerOptions) {
	const persistence = { signal: shutdown, logger, forEver: true };
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

/** Who trains which run, and who waits for work. */
interface Desk {
	readonly runs: Map<string, Seat>;
	/** There may be work: wakes everybody who waits. */
	ring(): void;
	/** Aborts at the next ring. To be taken before one looks for work, or a ring in between is missed. */
	bell(): AbortSignal;
}

function createDesk(): Desk {
	let bell = new AbortController();
	return {
		runs: new Map(),
		ring: () => {
			bell.abort();
			bell = new AbortController();
		},
		bell: () => bell.signal,
	};
}

interface Shift {
	readonly id: string;
	readonly heartbeatMs: number;
	readonly stop: AbortSignal;
	readonly desk: Desk;
	readonly drain: () => void;
}

/** Until the stop, the need for a new process, or the API not knowing this worker any more. */
async function leaseAndTrain(
	options: WorkerOptions,
	seat: Seat,
	{ id, heartbeatMs, stop, desk, drain }: Shift,
): Promise<'stopped' | 'unknown' | 'needs-restart'> {
	const { client, logger, registration } = options;
	let token = newToken();
	/** What the end of the last run brought; null: it is to be asked for. */
	let answer: LeaseAnswerFragment | null = null;
	let bell = desk.bell();
	// A lease that came with the end of a run is ours whatever happened meanwhile: in a shutdown the seat hands it back.
	while (answer !== null || !stop.aborted) {
		if (answer === null) {
			bell = desk.bell();
			answer = await askForLease(client, { workerId: id, token }, { signal: stop, logger });
		}
		const leaseRun: LeaseAnswerFragment = answer;
		answer = null;
		if (leaseRun.__typename === 'NotFound') return 'unknown';
		if (leaseRun.__typename === 'InvalidInput') throw new GraftError('BUG', leaseRun.message);
		if (leaseRun.__typename === 'NothingToDo') {
			if (leaseRun.draining) drain();
			await sleep(leaseRun.retryAfterSeconds * 1000, AbortSignal.any([stop, bell]));
			continue;
		}
		token = newToken();
		bell = desk.bell();
		const { lease, run } = leaseRun;
		const runLogger = logger.child({ runId: run.id, attempt: lease.attempt });
		runLogger.info({ name: run.name }, 'Run begins.');
		const begun = performance.now();
		desk.runs.set(lease.runId, seat);
		const job: Job = {
			lease: { runId: lease.runId, token: lease.token },
			next: { workerId: id, token },
			attempt: lease.attempt,
			// The API made it from the same type; what is wrong in it surfaces in the training as DATA.
			spec: leaseRun.spec as RunSpec,
			resumeFrom: leaseRun.resumeFrom,
			heartbeatMs,
			introduction: [
				`Attempt ${lease.attempt} on worker ${registration.name}.`,
				`Back end: ${registration.backendReason ?? registration.backend}`,
			],
		};
		const outcome = await seat.execute(job, runLogger);
		answer = outcome.next;
		desk.runs.delete(lease.runId);
		tell(runLogger, outcome, Math.round(performance.now() - begun));
		if (outcome.kind === 'fail' && outcome.endsProcess) return 'needs-restart';
		if (outcome.kind === 'hand-back' && outcome.troubled) await sleep(TROUBLED_PAUSE_MS, stop);
	}
	return 'stopped';
}

/** Ours, so that an answer that gets lost is given again, and no run waits for a lease that nobody has. */
const newToken = () => randomBytes(32).toString('base64url');

async function askForLease(client: GraftClient, asked: NextLeaseInput, persistence: Persistence) {
	const { leaseRun } = await persistently(
		// Not cut short by a shutdown: the answer may hold a lease, which then is handed back at once.
		() => client.request(LeaseRunDocument, asked, { timeoutMs: LEASE_TIMEOUT_MS }),
		{ ...persistence, forEver: true },
	);
	return leaseRun;
}

function tell(logger: Logger, outcome: ExecutionOutcome, ms: number): void {
	if (outcome.kind === 'succeeded') logger.info({ ms }, 'Run succeeded.');
	else if (outcome.kind === 'fail') logger.error({ ms, failure: outcome.failure }, 'Run failed.');
	else if (outcome.kind === 'cancel') logger.info({ ms }, 'Run cancelled.');
	else logger.warn({ ms, reason: outcome.reason }, outcome.kind === 'abandon' ? 'Run abandoned.' : 'Run handed back.');
}
