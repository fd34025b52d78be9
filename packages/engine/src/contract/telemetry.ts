/** What an operator counts. Calls are cheap and never throw: they are made where the work is done. */
export interface Telemetry {
	/** A lease ran out, and its run was taken back. */
	leaseExpired(): void;
	/** A run left the queue for a worker, after so many seconds in it. */
	runLeased(queuedSeconds: number): void;
	/** A batch was stored (not one that was sent again). */
	pointsStored(points: number): void;
	/** A stream took up news that had waited for it so long. */
	newsTaken(seconds: number): void;
}
export const NO_TELEMETRY: Telemetry = {
	leaseExpired: () => undefined,
	runLeased: () => undefined,
	pointsStored: () => undefined,
	newsTaken: () => undefined,
};

/** How much there is to do at this moment, and who does it. */
export interface Load {
	/** Runs that wait for a worker. */
	readonly queuedRuns: number;
	/** Since when the longest waiting of them does; 0 where none does. */
	readonly oldestQueuedSeconds: number;
	/** What trains now: the step of each run that a worker holds. */
	readonly training: readonly { readonly worker: string; readonly step: number }[];
}
