/**
 * Seconds that a lease holds without a renewal. Three heartbeats: found dead within 15 s, and a pause of one or two
 * heartbeats (a long step, a busy disk) costs nobody his run.
 */
export const LEASE_SECONDS = 12;
/**
 * The same for a script that trains by itself. Nobody else can go on with its run, so that an early end helps nobody and
 * costs the run: long enough for a cut of the network, and for the script to be started again where it ended.
 */
export const SCRIPT_LEASE_SECONDS = 120;
/** A third of the lease, so that two renewals may be lost. */
export const HEARTBEAT_SECONDS = 4;
/** How often an idle trainer asks without having been told: heals a missed push. */
export const IDLE_POLL_SECONDS = 10;
/** A run that lost this many attempts to crashes is not handed out again. */
export const MAX_ATTEMPTS = 5;

export interface LeaseSettings {
	readonly leaseSeconds: number;
	readonly scriptLeaseSeconds: number;
	readonly heartbeatSeconds: number;
	readonly idlePollSeconds: number;
	readonly maxAttempts: number;
}
export const DEFAULT_LEASE_SETTINGS: LeaseSettings = {
	leaseSeconds: LEASE_SECONDS,
	scriptLeaseSeconds: SCRIPT_LEASE_SECONDS,
	heartbeatSeconds: HEARTBEAT_SECONDS,
	idlePollSeconds: IDLE_POLL_SECONDS,
	maxAttempts: MAX_ATTEMPTS,
};

/** The right to write for one attempt of one run. The token is the fence: a later attempt has another one. */
export interface Lease {
	readonly runId: string;
	readonly token: string;
	readonly attempt: number;
	readonly expiresAt: Date;
}
/** What a writer shows with each write. */
export interface LeaseProof {
	readonly runId: string;
	readonly token: string;
}
/** The write was refused, and nothing of it was stored: the run is another worker's, finished or cancelled. */
export interface LeaseLost {
	readonly kind: 'LeaseLost';
	readonly reason: string;
}
export const leaseLost = (reason: string): LeaseLost => ({ kind: 'LeaseLost', reason });
