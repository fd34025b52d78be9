import { type LeaseInput, RenewLeaseDocument } from '@graft/client/gql';
import { type GraftClient, isUnavailable } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { Progress } from '@graft/domain/run';
import { sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';

/** While something new is to be told, the lease is renewed this often: the progress is live, and a cancel is fast. */
const PROGRESS_MS = 500;
/** The server's own ratio: a lease holds for three heartbeats. */
const HEARTBEATS_OF_A_LEASE = 3;

export interface LeaseKeeper {
	/**
	 * Aborts when the run must stop; the reason is a GraftError LEASE_LOST, CANCELLED or SHUTDOWN (paused).
	 */
	readonly signal: AbortSignal;
	/** Goes out with the next renewal. */
	report(progress: Progress): void;
	/** What was reported last. */
	readonly progress: Progress | null;
	/** Renews at once: a push said that something about this run has changed. */
	renewNow(): void;
	/** Ends the run's writing; the first reason stays. */
	abort(reason: GraftError): void;
	/** Ends the renewals, and waits for none that is in flight: the run has ended, or is told of its end by another request. */
	stop(): Promise<void>;
}

export interface LeaseKeeperOptions {
	readonly client: GraftClient;
	readonly lease: LeaseInput;
	readonly heartbeatMs: number;
	readonly progressMs?: number;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now?: () => number;
}

/**
 * Renews a lease until it is stopped or lost. While the API is away it goes on trying, and gives the lease up when it
 * must have run out: somebody else may hold the run by then.
 */
export function keepLease(options: LeaseKeeperOptions): LeaseKeeper {
	const { client, lease, heartbeatMs, progressMs = PROGRESS_MS, logger, now = () => performance.now() } = options;
	const outcome = new AbortController();
	const stopped = new AbortController();
	let wake = new AbortController();
	let progress: Progress | null = null;
	let told: Progress | null = null;
	let renewedAt = now();
	let failing = false;

	const expiresAt = () => renewedAt + HEARTBEATS_OF_A_LEASE * heartbeatMs;
	const abort = (reason: GraftError) => outcome.abort(reason);

	async function renew(): Promise<boolean> {
		const sentAt = now();
		const sent = progress;
		try {
			const variables = { lease, progress: sent };
			const options = { timeoutMs: heartbeatMs, signal: stopped.signal };
			const { renewLease } = await client.request(RenewLeaseDocument, variables, options);
			if (renewLease.__typename === 'LeaseLost') {
				abort(new GraftError('LEASE_LOST', `The lease is lost: ${renewLease.reason}`));
				return false;
			}
			// Counted from when it was sent: the server cannot have renewed it earlier.
			renewedAt = sentAt;
			told = sent;
			if (renewLease.cancelRequested) abort(new GraftError('CANCELLED', 'The run was cancelled.'));
			else if (renewLease.pauseRequested) abort(new GraftError('SHUTDOWN', 'The run was paused.'));
			return true;
		} catch (error) {
			if (stopped.signal.aborted) return false;
			const why = error instanceof Error ? error.message : String(error);
			logger[failing ? 'debug' : 'warn']({ retry: isUnavailable(error) }, `The lease could not be renewed: ${why}`);
			if (now() >= expiresAt()) {
				const seconds = (HEARTBEATS_OF_A_LEASE * heartbeatMs) / 1000;
				abort(new GraftError('LEASE_LOST', `No renewal got through for ${seconds} s; the lease has run out.`));
			}
			return false;
		}
	}

	async function beat(): Promise<void> {
		let beatAt = now();
		while (!stopped.signal.aborted && outcome.signal.reason?.code !== 'LEASE_LOST') {
			// After a failure the next try comes with the progress interval too, so that a short cut costs nothing.
			const due = beatAt + (progress === told && !failing ? heartbeatMs : progressMs);
			const woken = await sleep(Math.min(due - now(), progressMs), AbortSignal.any([wake.signal, stopped.signal]));
			if (stopped.signal.aborted) return;
			if (!woken && now() < due) continue;
			if (woken) wake = new AbortController();
			beatAt = now();
			failing = !(await renew());
		}
	}

	const beating = beat();
	return {
		signal: outcome.signal,
		report: (next) => {
			progress = next;
		},
		get progress() {
			return progress;
		},
		renewNow: () => wake.abort(),
		abort,
		stop: async () => {
			stopped.abort();
			await beating;
		},
	};
}
