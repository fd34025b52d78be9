import { GraftError } from '@graft/domain/error';
import { HEARTBEAT_SECONDS } from '@graft/domain/lease';
import { type LeaseInput, RenewLeaseDocument } from '../gql/index.js';
import type { GraftClient } from '../transport/client.js';
import { mayPass } from '../transport/failure.js';

export interface ScriptLease {
	/** Aborts with a GraftError CANCELLED, SHUTDOWN (a pause was asked for) or LEASE_LOST. */
	readonly signal: AbortSignal;
	abort(reason: GraftError): void;
	stop(): void;
}

/**
 * Renews a script's lease at each heartbeat. It never gives up by itself: while the API is away no lease runs out, and
 * nobody else can have taken the run.
 */
export function renewScriptLease(
	client: GraftClient,
	lease: LeaseInput,
	heartbeatMs = HEARTBEAT_SECONDS * 1_000,
): ScriptLease {
	const over = new AbortController();
	let renewing = false;

	async function renew(): Promise<void> {
		if (renewing) return;
		renewing = true;
		try {
			const { renewLease } = await client.request(RenewLeaseDocument, { lease }, { timeoutMs: heartbeatMs });
			if (renewLease.__typename === 'LeaseLost')
				over.abort(new GraftError('LEASE_LOST', `The lease is lost: ${renewLease.reason}`));
			else if (renewLease.cancelRequested) over.abort(new GraftError('CANCELLED', 'The run was cancelled.'));
			else if (renewLease.pauseRequested) over.abort(new GraftError('SHUTDOWN', 'The run was to be paused.'));
		} catch (error) {
			// Internal failures too: the next heartbeat is the next try, and a lease of a script holds for many.
			if (!mayPass(error, 1)) over.abort(error as GraftError);
		} finally {
			renewing = false;
		}
	}

	const timer = setInterval(() => void renew(), heartbeatMs);
	// A script that is done with everything else is done.
	timer.unref();
	void renew();
	return { signal: over.signal, abort: (reason) => over.abort(reason), stop: () => clearInterval(timer) };
}
