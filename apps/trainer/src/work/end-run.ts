import {
	FinishRunDocument,
	type FinishRunInput,
	type LeaseAnswerFragment,
	type NextLeaseInput,
	ReleaseRunDocument,
} from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { LeaseProof } from '@graft/domain/lease';
import type { Logger } from '@graft/runtime/logger';
import type { FailureDecision } from './classify-failure.js';
import type { Reports } from './open-reports.js';
import { persistently, requestPersistently } from './persistently.js';

/**
 * The end is not cut short by a shutdown or a lost lease: the answer may hold the next lease, which then is handed back at once. Well
 * below the time that a shutdown has.
 */
const FINISH_TIMEOUT_MS = 5_000;
/** A pause frees the worker soon, whatever the network; who goes on then has the checkpoint before. */
const HAND_BACK_UPLOAD_MS = 5 * 60_000;

/** A run that ends, and what is asked for with its end. */
export interface EndingRun {
	readonly client: GraftClient;
	readonly lease: LeaseProof;
	/** What the end of the run asks its next one with. */
	readonly next: NextLeaseInput;
	readonly heartbeatMs: number;
	readonly logger: Logger;
	/** Aborts when this trainer has to leave: the run is handed back. */
	readonly shutdown: AbortSignal;
}

/**
 * Tells the API how a run ended that did not succeed; answers the next one, where it was asked for. Whatever fails here leaves the
 * lease to run out by itself.
 */
export async function reportFailure(
	run: EndingRun,
	decision: FailureDecision,
	reports: Reports,
	settle: (ms: number) => Promise<void>,
): Promise<LeaseAnswerFragment | null> {
	const { client, lease, heartbeatMs, logger } = run;
	if (decision.kind === 'abandon') return null;
	// Whoever goes on, after a retry too, does so from the last good checkpoint.
	if (decision.kind === 'hand-back') await settle(HAND_BACK_UPLOAD_MS);
	if (decision.kind === 'fail') await settle(2 * heartbeatMs);
	const signal = AbortSignal.timeout(2 * heartbeatMs);
	try {
		if (decision.kind === 'hand-back') {
			const { reason, troubled } = decision;
			const failure = troubled ? { kind: 'UNAVAILABLE', message: reason, retryable: true } : null;
			await requestPersistently(client, ReleaseRunDocument, { lease, reason, failure }, { signal, logger });
			return null;
		}
		if (decision.kind === 'fail') lastLine(reports, `${decision.failure.kind}: ${decision.failure.message}`);
		await Promise.race([reports.flush().catch(() => undefined), aborted(signal)]);
		if (decision.kind === 'cancel') return await finishRun(run, signal, { lease, outcome: 'CANCELLED' });
		const ending: FinishRunInput = { lease, outcome: 'FAILED', failure: decision.failure };
		return await finishRun(run, signal, ending, !decision.endsProcess);
	} catch (error) {
		logger.warn({ error }, 'The end of the run could not be reported; its lease will run out.');
		return null;
	}
}

/** A log that takes no more lines must not keep the end of the run from being told. */
function lastLine({ logs }: Reports, line: string): void {
	try {
		logs.write(line);
	} catch {
		// The failure itself goes out with the run's end.
	}
}

/** The run's end; with it the next run is asked for, unless this process is to take none. */
export async function finishRun(
	{ client, logger, next, shutdown }: EndingRun,
	signal: AbortSignal,
	ending: FinishRunInput,
	goesOn = true,
): Promise<LeaseAnswerFragment | null> {
	// Decided once: where an answer was lost, the next try is to bring the lease that it held.
	const input = { ...ending, next: goesOn && !shutdown.aborted ? next : null };
	const { finishRun: answer } = await persistently(
		() => client.request(FinishRunDocument, { input }, { timeoutMs: FINISH_TIMEOUT_MS }),
		{ signal, logger },
	);
	if (answer.__typename === 'LeaseLost') {
		throw new GraftError('LEASE_LOST', `The lease is lost: ${answer.reason}`);
	}
	return answer.next ?? null;
}

const aborted = (signal: AbortSignal) =>
	new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
